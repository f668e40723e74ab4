import { KeyroomError } from "../../protocol/errors.ts";
import type { Clock } from "./clock.ts";

const WINDOW_MS = 60_000;

/** Counts the new accounts of each address in the current minute, of whatever kind: they would fill the server. */
export class Newcomers {
  readonly #clock: Clock;
  #recent = new Map<string, number>();
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /**
   * Counts one more, if there were fewer than `most`.
   * @param refusal a sentence for the case that there were not
   * @throws KeyroomError `rate_limited`
   */
  admit(address: string, most: number, refusal: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#since >= WINDOW_MS) {
      this.#recent = new Map();
      this.#since = now;
    }
    const count = this.#recent.get(address) ?? 0;
    if (count >= most) throw new KeyroomError("rate_limited", refusal);
    this.#recent.set(address, count + 1);
  }
}
