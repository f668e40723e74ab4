import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Places } from "./clients/client.ts";

const Hello = v.object({ host: v.string(), url: v.string(), ports: v.record(v.string(), v.number()) });
const Costs = v.object({ cpuMicros: v.number(), rss: v.number(), used: v.number() });

/** `cpuMicros`: CPU time so far, user and system. `rss`: bytes resident. `used`: bytes of its heap and outside of it. */
export type Costs = v.InferOutput<typeof Costs>;

/** A server in a process of its own; it ends with this one. Should it fail, so does the comparison. */
export class MeasuredServer {
  readonly #process: ChildProcess;
  readonly places: Places;

  private constructor(process: ChildProcess, places: Places) {
    this.#process = process;
    this.places = places;
  }

  static async start(): Promise<MeasuredServer> {
    // From the sources in tests, as built otherwise.
    const file = `./server-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;
    const execArgv = [...process.execArgv, "--expose-gc"];
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv });
    child.once("exit", (status, signal) => {
      if (status === 0) return;
      process.stderr.write(`\nThe comparison cannot go on: its server ended with ${status ?? signal}.\n`);
      process.exit(1);
    });
    const [hello] = await once(child, "message");
    return new MeasuredServer(child, v.parse(Hello, hello));
  }

  /** @param question `memory` has the server collect its garbage first */
  async costs(question: "cpu" | "memory" = "cpu"): Promise<Costs> {
    const answer = once(this.#process, "message");
    this.#process.send(question);
    const [costs] = await answer;
    return v.parse(Costs, costs);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.disconnect();
    await ended;
  }
}
