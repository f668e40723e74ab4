import type { Clock } from "../port.ts";

/** Something that falls due once. */
export interface Due {
  /** Of the monotonic clock. */
  readonly at: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** No timer of Node can wait for longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Cancelled ones are cleared away when they are more than the others, and more than this. */
const FEW = 64;

/**
 * What is due when, soonest first: a binary heap, and one timer for all of it. Cancelled ones stay until their turn comes,
 * or until they are the greater part.
 */
export class DueQueue {
  readonly #clock: Clock;
  readonly #afterwards: () => void;
  #heap: Due[] = [];
  #cancelled = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => undefined;

  /** @param afterwards called when all that was due at a time has run */
  constructor(clock: Clock, afterwards: () => void) {
    this.#clock = clock;
    this.#afterwards = afterwards;
  }

  /** How many there are, with those that are cancelled and not cleared away. */
  get size(): number {
    return this.#heap.length;
  }

  after(ms: number, run: () => void): Due {
    const due = { at: this.#clock.monotonic() + ms, run, cancelled: false };
    this.#heap.push(due);
    this.#rise(this.#heap.length - 1);
    this.#arm();
    return due;
  }

  cancel(due: Due): void {
    if (due.cancelled) return;
    due.cancelled = true;
    this.#cancelled++;
    if (this.#cancelled <= FEW || this.#cancelled * 2 <= this.#heap.length) return;
    this.#heap = this.#heap.filter(({ cancelled }) => !cancelled);
    this.#cancelled = 0;
    for (let i = this.#heap.length >> 1; i >= 0; i--) this.#sink(i);
  }

  /** Runs what is due by now, in the order in which it fell due. */
  advance(): void {
    if (this.#heap.length === 0) return;
    const now = this.#clock.monotonic();
    if (this.#atOf(0) > now) return;
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#removeFirst();
      if (first.cancelled) {
        this.#cancelled--;
        continue;
      }
      // It is not to be cancelled any more.
      first.cancelled = true;
      first.run();
    }
    this.#afterwards();
  }

  close(): void {
    this.#disarm();
    this.#heap = [];
    this.#cancelled = 0;
  }

  #arm(): void {
    const next = this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
    if (next >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = next;
    const ms = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(next - this.#clock.monotonic())));
    this.#disarm = this.#clock.after(ms, () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.advance();
      this.#arm();
    });
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.#atOf(parent) <= this.#atOf(i)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(from: number): void {
    for (let i = from; ; ) {
      const left = 2 * i + 1;
      let least = i;
      if (this.#atOf(left) < this.#atOf(least)) least = left;
      if (this.#atOf(left + 1) < this.#atOf(least)) least = left + 1;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #atOf(i: number): number {
    return this.#heap[i]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(i: number, j: number): void {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j] as Due, this.#heap[i] as Due];
  }
}
