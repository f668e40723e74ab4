/** Loaded into the server's process before the server: keeps its logs short, and at SIGUSR2 says how much heap is alive. */
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { liveHeap } from "../support/heap.ts";
import { LOG_RECORDS } from "./limits.ts";

Object.assign(DEFAULT_LIMITS, { logRecords: LOG_RECORDS });
process.on("SIGUSR2", () => process.stderr.write(`Live heap: ${liveHeap()} bytes\n`));
