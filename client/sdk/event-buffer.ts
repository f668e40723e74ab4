/** What waits for somebody who iterates: events, then the end. */
export class EventBuffer<T> {
  readonly #events: T[] = [];
  #head = 0;
  #ended: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;

  get size(): number {
    return this.#events.length - this.#head;
  }

  push(event: T): void {
    this.#events.push(event);
    this.#wake();
  }

  /** @param error thrown to whoever iterates when all events are taken; undefined for a plain end */
  end(error: unknown): void {
    this.#ended ??= { error };
    this.#wake();
  }

  /** The next event; null at the end. */
  async take(): Promise<{ readonly event: T } | null> {
    for (;;) {
      if (this.size > 0) return { event: this.#shift() };
      if (this.#ended !== null) {
        if (this.#ended.error !== undefined) throw this.#ended.error;
        return null;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #shift(): T {
    const event = this.#events[this.#head++] as T;
    // Dropped when half is taken, so that taking costs the same however much waits.
    if (this.#head * 2 > this.#events.length) {
      this.#events.splice(0, this.#head);
      this.#head = 0;
    }
    return event;
  }
}
