import type { Clock } from "../../server/domain/clock.ts";

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #elapsed = 0;
  #wall: number;
  #timers: Timer[] = [];

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
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that are still to run: none when everything was closed. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves both times on; what falls due runs in its order, also what those start, each at its own time. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.#elapsed = timer.due;
      timer.run();
    }
    this.#elapsed = end;
  }

  /** Sets the wall time alone, as an administrator or NTP does; durations must not notice. */
  setWall(wall: number): void {
    this.#wall = wall - this.#elapsed;
  }

  /** The first timer due by `end`; of equals the one that was set first. */
  #next(end: number): Timer | undefined {
    return this.#timers
      .filter(({ due }) => due <= end)
      .reduce<Timer | undefined>((first, timer) => (first && first.due <= timer.due ? first : timer), undefined);
  }
}
