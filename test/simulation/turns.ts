import type { Clock } from "../../server/domain/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { Random } from "../support/random.ts";

/** A turn of a busy server lasts so many ms at most, in which it reads whatever comes. */
const LONGEST_TURN_MS = 40;

/** Time and the event loop: each instant at which something falls due is one turn, and some turns take longer. */
export class Turns {
  readonly clock = new ManualClock();
  readonly #random: Random;
  #ending: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Calls back when this turn has done all else. */
  readonly endOfTurn = (run: () => void): void => {
    const isBusy = this.#random.int(2) === 0;
    if (isBusy) this.clock.after(this.#random.int(LONGEST_TURN_MS), () => this.#ending.push(run));
    else this.#ending.push(run);
  };

  /** Lets time pass, and everything happen that falls due in it. */
  async pass(ms: number): Promise<void> {
    const { clock } = this;
    const end = clock.monotonic() + ms;
    await this.#settle();
    while (clock.due <= end) {
      clock.advance(clock.due - clock.monotonic());
      await this.#settle();
    }
    clock.advance(end - clock.monotonic());
  }

  /** Does all that waits for nothing but its turn. */
  async #settle(): Promise<void> {
    for (;;) {
      await microtasks();
      if (this.#ending.length === 0) return;
      for (const run of this.#ending.splice(0)) run();
    }
  }
}

/** Resolves when all microtasks are done, also those that they queue; far cheaper than a turn of the real event loop. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The clock of one process: nothing rings any more when that has ended. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  #isRunning = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (this.#isRunning) run();
    });
  }

  end(): void {
    this.#isRunning = false;
  }
}
