import type { Waiting } from "./waiting.ts";

/** Closed ones that may stay in the list, beside as many as are open. */
const SLACK = 64;

/**
 * Requests without an answer, in the order in which they were made.
 *
 * Not a Set: the tables that V8's Set outgrows each point to the next one, and once one of them is old, all that was ever
 * in the later ones lives until the next full garbage collection. With many requests a second, that is most of their cost.
 */
export class WaitingList {
  /** With some that are closed already. */
  readonly #all: Waiting[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiting: Waiting): void {
    if (this.#all.length > 2 * this.#size + SLACK) this.#compact();
    this.#all.push(waiting);
    this.#size++;
  }

  /** @returns whether it was open until now */
  close(waiting: Waiting): boolean {
    if (!waiting.isOpen) return false;
    waiting.isOpen = false;
    this.#size--;
    return true;
  }

  /** Others may be closed meanwhile, and none added. */
  *[Symbol.iterator](): Generator<Waiting> {
    for (const waiting of this.#all) if (waiting.isOpen) yield waiting;
  }

  #compact(): void {
    let length = 0;
    for (const waiting of this) this.#all[length++] = waiting;
    this.#all.length = length;
  }
}
