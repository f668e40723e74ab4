import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import * as v from "valibot";
import { freshSeed } from "../support/random.ts";
import { ServerProcess } from "../support/server-process.ts";

const LOAD = fileURLToPath(new URL("./thousand-load.ts", import.meta.url));
const Report = v.object({ peak: v.number(), checked: v.number(), connectMs: v.number(), workMs: v.number() });
const seed = freshSeed();

test(`a thousand sockets at once, every answer checked against a Map, seed ${seed}`, async () => {
  const server = new ServerProcess(["--port", "0", "--accounts", "name"]);
  try {
    const load = await promisify(execFile)(process.execPath, ["--import", "tsx", LOAD, await server.url(), `${seed}`]);
    const { peak, checked, connectMs, workMs } = v.parse(Report, JSON.parse(load.stdout));
    process.stdout.write(
      `Peak open connections: ${peak} (after ${connectMs} ms). Answers checked: ${checked} (in ${workMs} ms).\n`,
    );
    expect(peak).toBe(1_000);
    expect(checked).toBe(60_000);
    expect(await server.stop("SIGTERM")).toMatchObject({ status: 0, stderr: "" });
  } finally {
    await server.stop();
  }
}, 60_000);
