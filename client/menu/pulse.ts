import type { Store } from "../sdk/index.ts";

/** Between two measurements of the round trip. */
const PING_MS = 5_000;
/** While the connection is lost, the time to the next attempt is counted down. */
const TICK_MS = 1_000;

/** Measures how far away the server is, and ticks while there is a time to count down. */
export class Pulse {
  readonly #store: Store;
  readonly #changed: () => void;
  readonly #timers: readonly NodeJS.Timeout[];
  #roundTripMs: number | null = null;

  constructor(store: Store, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    this.#timers = [
      setInterval(() => void this.#ping(), PING_MS),
      setInterval(() => {
        if (store.retry !== null) changed();
      }, TICK_MS),
    ];
    void this.#ping();
  }

  /** Of the last measurement; null before the first. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #ping(): Promise<void> {
    if (this.#store.state !== "connected") return;
    try {
      const roundTripMs = Math.round(await this.#store.ping());
      if (roundTripMs === this.#roundTripMs) return;
      this.#roundTripMs = roundTripMs;
      this.#changed();
    } catch {
      // The connection's state tells it.
    }
  }
}
