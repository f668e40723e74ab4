import { randomInt } from "node:crypto";

/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number, 0 ≤ n < `below`. */
  int(below: number): number;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** `items` in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** The mulberry32 generator: 32 bits of state, good enough to choose among cases. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    pick: <T>(items: readonly T[]) => items[int(items.length)] as T,
    shuffle: <T>(items: readonly T[]) => {
      const left = [...items];
      return items.map(() => left.splice(int(left.length), 1)[0] as T);
    },
  };
}

/**
 * A seed that differs from run to run, or the one in `KEYROOM_SEED`.
 * Put it into the test's name, so that a failure can be repeated, and pin the seeds that have failed.
 */
export function freshSeed(): number {
  const given = process.env["KEYROOM_SEED"];
  return given === undefined ? randomInt(2 ** 31) : Number(given);
}
