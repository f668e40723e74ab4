import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

/** A program of the benchmark in a process of its own; it ends with this one. Should it fail, so does the benchmark. */
export class Child {
  readonly #process: ChildProcess;

  /** @param program its file here, without the extension */
  constructor(program: string, ...args: readonly string[]) {
    this.#process = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), args);
    this.#process.once("exit", (status, signal) => {
      if (status === 0) return;
      process.stderr.write(`The benchmark cannot go on: its ${program} ended with ${status ?? signal}.\n`);
      process.exit(1);
    });
  }

  /** The next message. To be called before it can have come. */
  async next<T>(schema: v.GenericSchema<unknown, T>): Promise<T> {
    const [message] = await once(this.#process, "message");
    return v.parse(schema, message);
  }

  ask<T>(question: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
    const answer = this.next(schema);
    this.#process.send(question);
    return answer;
  }

  stop(): void {
    this.#process.disconnect();
  }
}
