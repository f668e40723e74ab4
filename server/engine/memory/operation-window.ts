import type { ErrorCode } from "../../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../../protocol/limits.ts";
import type { Committed } from "../port.ts";

/** How an operation ended; messages are not kept. */
export type Remembered =
  | Committed
  | { readonly kind: "refused"; readonly code: ErrorCode }
  /** Its status was asked before it arrived: it must not run any more. */
  | { readonly kind: "never" };

/** What the window knows of an operation id: how it ended, that it is new, or that it is too old to tell. */
export type Recollection = Remembered | { readonly kind: "new" } | { readonly kind: "forgotten" };

/** The final answers of one client's last operations, so that a repeat is answered and not run again. */
export class OperationWindow {
  /** By counter and room: an id names one write in one room. */
  readonly #answers = new Map<string, Remembered>();
  /** The highest counter that was dropped: whatever is not above it may have run. */
  #floor = 0;

  recall(room: string, counter: number): Recollection {
    return this.#answers.get(`${counter} ${room}`) ?? { kind: counter > this.#floor ? "new" : "forgotten" };
  }

  remember(room: string, counter: number, answer: Remembered): void {
    this.#answers.set(`${counter} ${room}`, answer);
    if (this.#answers.size <= FIXED_LIMITS.inFlight) return;
    const [oldest] = this.#answers.keys();
    this.#answers.delete(oldest as string);
    this.#floor = Math.max(this.#floor, Number.parseInt(oldest as string, 10));
  }
}
