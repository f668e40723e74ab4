import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ServerProcess } from "../support/server-process.ts";

const PRELOAD = fileURLToPath(new URL("./preload.ts", import.meta.url));

/** A server process that is killed and comes back on its port, with its accounts and without its keys. */
export class RealServer {
  readonly url: string;
  readonly #folder: string;
  #process: ServerProcess;

  private constructor(folder: string, process: ServerProcess, url: string) {
    this.#folder = folder;
    this.#process = process;
    this.url = url;
  }

  static async start(): Promise<RealServer> {
    const folder = await mkdtemp(join(tmpdir(), "keyroom-real-"));
    const process = spawn(folder, 0);
    return new RealServer(folder, process, await process.url());
  }

  /** Kills it without a warning and resolves when the next one listens. */
  async restart(): Promise<void> {
    await this.#process.stop("SIGKILL");
    this.#process = spawn(this.#folder, Number(new URL(this.url).port));
    await this.#process.started();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** Bytes, after everything else was collected. */
  async heap(): Promise<number> {
    const [, bytes] = await this.#process.asked("SIGUSR2", /Live heap: (\d+) bytes\n/);
    return Number(bytes);
  }

  async close(): Promise<void> {
    await this.#process.stop("SIGKILL");
    await rm(this.#folder, { recursive: true });
  }
}

function spawn(folder: string, port: number): ServerProcess {
  const accounts = ["--accounts-file", join(folder, "accounts.json"), "--upgrade", "open"];
  return new ServerProcess(["--port", String(port), ...accounts], {}, ["--import", PRELOAD]);
}
