/** One key that is held or waited for, and who is in whose way. */
import type { LockMode } from "../port.ts";
import type { Due } from "./due-queue.ts";

export type Wants = ReadonlyMap<string, LockMode>;

export interface Hold {
  readonly owner: string;
  readonly user: string;
  mode: LockMode;
  /** Ms since 1970. */
  readonly since: number;
  /** Of the grants that this is of, oldest first: an owner may ask again while he holds it. */
  fences: readonly number[];
  /** When it ends by itself. */
  lease: Due | null;
}

export interface Waiter {
  readonly owner: string;
  readonly user: string;
  readonly wants: Wants;
  /** Ms since 1970. */
  readonly since: number;
  /** Rises from one to the next. */
  readonly place: number;
  /** Whether it keeps the locks when it is served; else it is done at once, and nobody waits for its owner. */
  readonly keeps: boolean;
  readonly serve: () => void;
}

/** One key that is held or waited for. */
export interface KeyLock {
  readonly holds: Map<string, Hold>;
  /** In the order in which they came. */
  readonly queue: Set<Waiter>;
  /** Those of them that want it for themselves. */
  readonly exclusives: Set<Waiter>;
}

/** All keys of a request are wanted in the same mode. */
export function modeOf(wants: Wants): LockMode {
  for (const mode of wants.values()) return mode;
  return "shared";
}

function excludes(a: LockMode, b: LockMode): boolean {
  return a === "exclusive" || b === "exclusive";
}

/** Whether who has the one needs no more for the other. */
export function covers(held: LockMode, wanted: LockMode): boolean {
  return held === "exclusive" || wanted === "shared";
}

/** The holds of others that exclude the mode. */
export function* otherHolds({ holds }: KeyLock, owner: string | undefined, mode: LockMode): Generator<Hold> {
  // Of many holders all are shared.
  if (mode === "shared" && holds.size > 1) return;
  for (const hold of holds.values()) if (hold.owner !== owner && excludes(hold.mode, mode)) yield hold;
}

/** Those who came before a place and exclude the mode; nobody, for whoever holds the key already. */
export function* earlierWaiters(lock: KeyLock, owner: string, mode: LockMode, place: number): Generator<Waiter> {
  if (lock.holds.has(owner)) return;
  for (const waiter of mode === "exclusive" ? lock.queue : lock.exclusives) {
    if (waiter.place >= place) return;
    yield waiter;
  }
}
