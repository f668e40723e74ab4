import type { Watch } from "../../client/sdk/types.ts";
import type { Clock } from "../../server/domain/clock.ts";
import { RecordedWatch } from "../history/recorded-watch.ts";
import type { Recorder } from "../history/recorder.ts";
import type { Random } from "../support/random.ts";

/** What a program follows: a room or all, and of it a key, a prefix or everything. */
export interface Question {
  readonly room: string;
  readonly key?: string;
  readonly prefix?: string;
}

export interface FollowingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly onThrow: () => void;
  /** It is over; the error is undefined where it was ended without one. */
  readonly onEnd: (error: unknown) => void;
}

/** What programs throw in their listeners; it must spoil nothing. */
export class ProgramFault extends Error {}

/** A watch in the hands of a program that listens, or iterates as fast or as slowly as it can. */
export class Following {
  readonly question: Question;
  readonly watch: RecordedWatch;
  readonly #parts: FollowingParts;

  constructor(number: number, question: Question, watch: Watch, parts: FollowingParts) {
    this.question = question;
    this.#parts = parts;
    const style = parts.random.int(3);
    if (style === 0) this.#throwAtTimes(watch);
    this.watch = new RecordedWatch(number, watch, parts.recorder);
    if (style === 0) this.#listen();
    else void this.#iterate(style === 1 ? 0 : 200);
  }

  #listen(): void {
    this.watch.on("event", () => undefined);
    this.watch.on("state", (state) => {
      if (state === "closed") this.#parts.onEnd(undefined);
    });
  }

  /** Another listener of the same watch, who came first. */
  #throwAtTimes(watch: Watch): void {
    const { random, onThrow } = this.#parts;
    watch.on("event", () => {
      if (random.int(4) > 0) return;
      onThrow();
      throw new ProgramFault("A listener of the program has a fault.");
    });
  }

  async #iterate(pauseMs: number): Promise<void> {
    const { clock, random, onEnd } = this.#parts;
    try {
      for await (const _event of this.watch) {
        if (pauseMs > 0) await new Promise<void>((resolve) => clock.after(random.int(pauseMs), resolve));
      }
      onEnd(undefined);
    } catch (error) {
      onEnd(error);
    }
  }
}
