/** How many whole seconds are looked back on. */
export const WINDOW_S = 10;
/** Of these, how many a rate is the mean of: few, to be of now, and enough not to jump. */
const MEAN_S = 4;

/** A slot for each second of the window, and for the one that goes on. */
const SLOTS = WINDOW_S + 1;

export interface Rate {
  readonly room: string;
  /** Changes in each of the last `WINDOW_S` whole seconds, the oldest first. */
  readonly counts: readonly number[];
  readonly perSecond: number;
}

/**
 * Changes per second by room. They count when they happened, and not when they came: after a pause or a cut many come at
 * once. The server's clock need not agree with ours: the least delay seen is taken for the difference of the two.
 */
export class Rates {
  /** The counts of a room by second modulo `SLOTS`, each with the second that it is for. */
  readonly #rooms = new Map<string, { readonly count: number[]; readonly second: number[] }>();
  #delay = Number.POSITIVE_INFINITY;

  /** @param at ms of the server's clock; @param now ms of ours */
  add(room: string, at: number, now: number): void {
    this.#delay = Math.min(this.#delay, now - at);
    const second = Math.floor((at + this.#delay) / 1_000);
    const slot = second % SLOTS;
    const slots = this.#rooms.get(room) ?? { count: zeros(), second: zeros() };
    this.#rooms.set(room, slots);
    // What is older than what stands there is out of the window, too.
    if ((slots.second[slot] ?? 0) > second) return;
    slots.count[slot] = (slots.second[slot] === second ? (slots.count[slot] ?? 0) : 0) + 1;
    slots.second[slot] = second;
  }

  /** What is to be added to a time of the server's clock, to have it by ours. */
  get delayMs(): number {
    return Number.isFinite(this.#delay) ? this.#delay : 0;
  }

  /** The rooms with changes in the window, the most first. */
  of(now: number): readonly Rate[] {
    const last = Math.floor(now / 1_000) - 1;
    const rates: Rate[] = [];
    for (const [room, slots] of this.#rooms) {
      const counts = Array.from({ length: WINDOW_S }, (_, i) => {
        const second = last - WINDOW_S + 1 + i;
        return slots.second[second % SLOTS] === second ? (slots.count[second % SLOTS] ?? 0) : 0;
      });
      if (counts.some((count) => count > 0)) rates.push({ room, counts, perSecond: mean(counts.slice(-MEAN_S)) });
      else if (Math.max(...slots.second) < last) this.#rooms.delete(room);
    }
    return rates.sort((a, b) => sum(b.counts) - sum(a.counts) || (a.room < b.room ? -1 : 1));
  }
}

function zeros(): number[] {
  return Array.from({ length: SLOTS }, () => 0);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
