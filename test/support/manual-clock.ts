import type { Clock } from "../../server/domain/clock.ts";

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #elapsed = 0;
  #wall: number;
  /** In the order in which they fall due; of equals the one that was set first comes first. */
  readonly #timers: Timer[] = [];

  /** @param wall where the wall time starts, in ms since 1970 */
  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { due: this.#elapsed + Math.max(0, ms), run };
    this.#timers.splice(this.#timers.findLastIndex(({ due }) => due <= timer.due) + 1, 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  /** Timers that are still to run: none when everything was closed. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer falls due, as `monotonic` tells it; Infinity when there is none. */
  get due(): number {
    return this.#timers[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Moves both times on; what falls due runs in its order, also what those start, each at its own time. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    while (this.due <= end) {
      const timer = this.#timers.shift() as Timer;
      this.#elapsed = timer.due;
      timer.run();
    }
    this.#elapsed = end;
  }

  /** Sets the wall time alone, as an administrator or NTP does; durations must not notice. */
  setWall(wall: number): void {
    this.#wall = wall - this.#elapsed;
  }
}
