/** A one-shot client that goes on: its lines, as they come. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { WatchEvent } from "../../client/sdk/index.ts";

/** Lines of a stream, kept until somebody asks. */
class Lines {
  readonly #iterator: AsyncIterator<string>;

  constructor(stream: NodeJS.ReadableStream | null) {
    if (stream === null) throw new Error("The process has no such stream.");
    this.#iterator = createInterface({ input: stream })[Symbol.asyncIterator]();
  }

  /** The next line; null at the end. */
  async next(): Promise<string | null> {
    const { value, done } = await this.#iterator.next();
    return done === true ? null : value;
  }
}

export class WatchProcess {
  readonly child: ChildProcess;
  readonly #out: Lines;
  readonly #err: Lines;
  readonly #ended: Promise<number | NodeJS.Signals | null>;

  constructor(child: ChildProcess) {
    this.child = child;
    this.#out = new Lines(child.stdout);
    this.#err = new Lines(child.stderr);
    this.#ended = new Promise((resolve) => {
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
  }

  /** The next event; null after the last. */
  async event(): Promise<WatchEvent | null> {
    const line = await this.#out.next();
    return line === null ? null : JSON.parse(line);
  }

  /** The next sentence on stderr; null after the last. */
  sentence(): Promise<string | null> {
    return this.#err.next();
  }

  /** The exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null> {
    return this.#ended;
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.#ended;
  }
}
