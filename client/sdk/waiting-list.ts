import type { Waiting } from "./waiting.ts";

/**
 * Requests without an answer, in the order in which they were made.
 *
 * Not a Set: the tables that V8's Set outgrows each point to the next one, and once one of them is old, all that was ever
 * in the later ones lives until the next full garbage collection. With many requests a second, that cost a quarter of all.
 */
export class WaitingList {
  /** With as many that are closed already, at most. */
  readonly #all: Waiting[] = [];
  /** How many are open. */
  count = 0;
  /** UTF-16 units of their texts. */
  size = 0;

  add(waiting: Waiting): void {
    this.#all.push(waiting);
    this.count++;
    this.size += waiting.size;
  }

  close(waiting: Waiting): void {
    if (!waiting.isOpen) return;
    waiting.isOpen = false;
    this.count--;
    this.size -= waiting.size;
    if (this.#all.length > 2 * this.count) this.#compact();
  }

  get open(): Waiting[] {
    return this.#all.filter(({ isOpen }) => isOpen);
  }

  /** In place: a list that was left would keep what it holds alive like such a table. */
  #compact(): void {
    for (const [i, waiting] of this.open.entries()) this.#all[i] = waiting;
    this.#all.length = this.count;
  }
}
