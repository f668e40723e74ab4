import { ERROR_CODES, type ErrorCode } from "../../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../../protocol/limits.ts";
import type { Committed, Granted, Outcome, Refused, Touched, Transacted, Write } from "../port.ts";

/** How an operation ended; messages and results are not kept. */
export type Remembered =
  | Committed
  | (Transacted & { readonly results: null })
  | Touched
  | Granted
  | { readonly kind: "unlocked" }
  | { readonly kind: "refused"; readonly code: ErrorCode }
  /** Its status was asked before it arrived: it must not run any more. */
  | { readonly kind: "never" };

/** What the window knows of an operation id: how it ended, that it is new, or that it is too old to tell. */
export type Recollection = Remembered | { readonly kind: "new" } | { readonly kind: "forgotten" };

/** The oldest are dropped so many at once: a Map is slow to find its first entry where entries before it are gone. */
const DROPPED_AT_ONCE = 256;

/** One outcome. An id names one write in one room: `next` is another room's with the same counter. */
interface Slot {
  readonly room: string;
  readonly answer: Remembered;
  readonly next: Slot | undefined;
}

/** The final answers of one client's last operations, so that a repeat is answered and not run again. */
export class OperationWindow {
  readonly #slots = new Map<number, Slot>();
  #size = 0;
  /** The highest counter that was dropped: whatever is not above it may have run. */
  #floor = 0;

  recall(room: string, counter: number): Recollection {
    let slot = this.#slots.get(counter);
    while (slot !== undefined && slot.room !== room) slot = slot.next;
    return slot?.answer ?? (counter > this.#floor ? NEW : FORGOTTEN);
  }

  remember(room: string, counter: number, answer: Remembered): void {
    this.#slots.set(counter, { room, answer, next: this.#slots.get(counter) });
    this.#size++;
    if (this.#size >= FIXED_LIMITS.inFlight + DROPPED_AT_ONCE) this.#drop(FIXED_LIMITS.inFlight, Infinity);
  }

  /** Nobody will ask for those up to this counter any more. */
  settle(upTo: number): void {
    this.#drop(0, upTo);
  }

  /** Drops the oldest until so many are left, and none above a counter. */
  #drop(left: number, upTo: number): void {
    for (const [counter, slot] of this.#slots) {
      if (this.#size <= left || counter > upTo) return;
      this.#slots.delete(counter);
      this.#floor = Math.max(this.#floor, counter);
      for (let one: Slot | undefined = slot; one !== undefined; one = one.next) this.#size--;
    }
  }
}

const NEW = { kind: "new" } as const;
const FORGOTTEN = { kind: "forgotten" } as const;

/** What is to be remembered; null where it is no final answer, as it may succeed later. */
export function memorable(outcome: Outcome): Remembered | null {
  switch (outcome.kind) {
    case "committed":
    case "touched":
    case "granted":
    case "unlocked":
      return outcome;
    case "transacted":
      // The entries that were read may be large, and are of the past.
      return { ...outcome, results: null };
    case "refused":
      return ERROR_CODES[outcome.code] ? null : { kind: "refused", code: outcome.code };
    default:
      return null;
  }
}

/** How each write ends when it is done. */
const DONE = {
  commit: "committed",
  undo: "committed",
  transact: "transacted",
  touch: "touched",
  lock: "granted",
  unlock: "unlocked",
} as const satisfies Record<Write["kind"], Remembered["kind"]>;

/** The answer to an operation id that is not new. */
export function repeated(known: Exclude<Recollection, { kind: "new" }>, { kind }: Write): Outcome {
  switch (known.kind) {
    case "refused":
      return { ...known, message: "This operation was refused when it ran first; its id gets the same answer." };
    case "never":
      return {
        kind: "refused",
        code: "invalid",
        message: "This operation was declared never to have run, before it came. Issue it anew.",
      };
    case "forgotten":
      return {
        kind: "refused",
        code: "unknown_outcome",
        message: "This operation id is too old: it may have run, and its answer is no longer known.",
      };
    default:
      return known.kind === DONE[kind] ? known : OF_ANOTHER;
  }
}

export const OF_ANOTHER: Refused = {
  kind: "refused",
  code: "invalid",
  message: "This operation id belongs to another request. Give each write an id of its own.",
};
