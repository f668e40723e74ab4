import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

const PROGRAM = fileURLToPath(new URL("./server-process.ts", import.meta.url));

/** A server in a process of its own, whose CPU time can be read. */
export class MeasuredServer {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(kind: "keyroom" | "echo"): Promise<MeasuredServer> {
    const child = fork(PROGRAM, [kind], { execArgv: ["--import", "tsx"] });
    const [hello] = await once(child, "message");
    return new MeasuredServer(child, v.parse(v.object({ url: v.string() }), hello).url);
  }

  /** CPU time so far, user and system, in µs. */
  async cpuMicros(): Promise<number> {
    const answered = once(this.#child, "message");
    this.#child.send("cpu");
    const [answer] = await answered;
    return v.parse(v.object({ cpuMicros: v.number() }), answer).cpuMicros;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
