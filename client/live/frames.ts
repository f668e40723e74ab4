import type { Clock } from "../sdk/clock.ts";

/** Between two frames, 15 a second: more would not be seen, and cost what the changes need. */
export const FRAME_MS = 1_000 / 15;

/** Paces what draws the screen: however often it is asked for, it draws so often at most. */
export class Frames {
  readonly #draw: () => void;
  readonly #clock: Clock;
  #last = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(draw: () => void, clock: Clock) {
    this.#draw = draw;
    this.#clock = clock;
  }

  /** Something has changed that is to be seen soon. */
  request(): void {
    if (this.#cancel !== null) return;
    const rest = Math.max(0, this.#last + FRAME_MS - this.#clock.monotonic());
    this.#cancel = this.#clock.after(rest, () => this.now());
  }

  /** Somebody waits to see it: a key was pressed. */
  now(): void {
    this.stop();
    this.#last = this.#clock.monotonic();
    this.#draw();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
