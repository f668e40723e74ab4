import type { WatchEvent } from "./replica.ts";

const MAX_EVENTS = 10_000;
/** Characters of all their keys and values: about bytes. */
const MAX_WEIGHT = 16 * 1024 * 1024;

/** What waits for somebody who takes it: events, then the end. */
export class EventBuffer {
  readonly #waiting: WatchEvent[] = [];
  #weight = 0;
  #ended: { readonly error: unknown } | null = null;
  /** Of all who wait for more. */
  #wakes: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get isFull(): boolean {
    return this.#waiting.length > MAX_EVENTS || this.#weight > MAX_WEIGHT;
  }

  push(event: WatchEvent): void {
    this.#waiting.push(event);
    this.#weight += weightOf(event);
    this.#wake();
  }

  /** @param error thrown to whoever takes when all events are taken; undefined for a plain end */
  end(error: unknown): void {
    this.#ended ??= { error };
    this.#wake();
  }

  /** The next event, as soon as there is one; null at the end. */
  async take(): Promise<WatchEvent | null> {
    for (;;) {
      const event = this.shift();
      if (event !== null) return event;
      if (this.#ended !== null) {
        if (this.#ended.error !== undefined) throw this.#ended.error;
        return null;
      }
      await new Promise<void>((resolve) => this.#wakes.push(resolve));
    }
  }

  /** The next event, if there is one by now. */
  shift(): WatchEvent | null {
    const next = this.#waiting.shift();
    if (next === undefined) return null;
    this.#weight -= weightOf(next);
    return next;
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}

function weightOf(event: WatchEvent): number {
  let weight = 0;
  if (event.kind === "end") return weight;
  for (const { key, value } of event.puts) weight += key.length + value.length;
  for (const key of event.deletes) weight += key.length;
  return weight;
}
