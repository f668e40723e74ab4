/** What a run can exercise; each must really happen, or the simulation proves less than it seems to. */
export const EXERCISED = [
  "answers",
  "batches",
  "writes of several keys",
  "transactions: then",
  "transactions: else",
  "resumed sessions",
  "sessions that were over",
  "watches resumed by changes",
  "watches that begin in pages",
  "gaps",
  "repeats answered from the window",
  "takeovers",
  "coalesced pushes",
  "pushes with series of puts",
  "catch-ups of slow watchers",
  "demotions with pushes pending",
  "half-open lines noticed",
  "restarts",
  "rooms deleted",
  "deadlines passed",
  "outcomes: committed",
  "outcomes: refused",
  "outcomes: never",
  "outcomes: unknown",
  "listeners that threw",
  "lock hand-overs",
  "locks refused",
  "waits that timed out",
  "cycles refused",
  "writes by a fence",
  "stale fences met",
  "locks lost with their session",
  "locks lost by their lease",
  "expiries",
  "ephemeral keys gone",
  "undone",
  "functions under a lock",
  "functions that lost their lock",
] as const;

export type Exercised = (typeof EXERCISED)[number];

/** Counts what was exercised, over one run or many. */
export class Tally {
  readonly #counts = new Map<Exercised, number>();

  count(what: Exercised, times = 1): void {
    this.#counts.set(what, this.of(what) + times);
  }

  of(what: Exercised): number {
    return this.#counts.get(what) ?? 0;
  }

  add(other: Tally): void {
    for (const what of EXERCISED) this.count(what, other.of(what));
  }
}
