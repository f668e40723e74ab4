/**
 * The locks of one room: who holds which key, and who waits for it.
 *
 *     request ──free──▶ held ──release, lease over, owner gone──▶ free
 *        │                ▲
 *        └──in the way──▶ waiting ──cancelled, time over──▶ gone
 *
 * All keys of a request are taken at once or none. A request is served when no other owner holds one of its keys in an
 * incompatible mode, and no incompatible request that came earlier waits for one: nobody overtakes. Only who holds a key
 * already passes those who wait for it, since they wait for him.
 */
import type { Holder as ListedHolder, Waiter as ListedWaiter, LockMode } from "../port.ts";
import {
  covers,
  earlierWaiters,
  type Hold,
  type KeyLock,
  modeOf,
  otherHolds,
  type Waiter,
  type Wants,
} from "./key-lock.ts";
import { closesCycle } from "./lock-cycles.ts";

/** Somebody in the way. */
export interface Obstacle {
  readonly key: string;
  readonly mode: LockMode;
  readonly user: string;
  readonly since: number;
  /** Whether he does not hold it, but waits for it too, and came first. */
  readonly waits: boolean;
}

/** Fences that one hold remembers; older ones are stale. */
const FENCES = 8;

export class LockTable {
  readonly #now: () => number;
  readonly #nextFence: () => number;
  readonly #locks = new Map<string, KeyLock>();
  readonly #held = new Map<string, Set<string>>();
  readonly #waiting = new Map<string, Set<Waiter>>();
  /** Where somebody may be served now who could not before: keys, by whether somebody was gone who wanted one alone. */
  readonly #changed = { keys: new Map<string, boolean>(), owners: new Set<string>() };
  #isServing = false;
  #place = 0;
  #size = 0;

  /**
   * @param now wall time in ms since 1970
   * @param nextFence takes a number that is greater than all before it
   */
  constructor(now: () => number, nextFence: () => number) {
    this.#now = now;
    this.#nextFence = nextFence;
  }

  /** How often a key is held or waited for. */
  get size(): number {
    return this.#size;
  }

  /** The first lock of another that an operation of this owner must not pass; those who wait do not count. */
  holderInTheWay(owner: string | undefined, wants: Wants): Obstacle | null {
    for (const [key, mode] of wants) {
      const lock = this.#locks.get(key);
      if (lock === undefined) continue;
      for (const { mode: held, user, since } of otherHolds(lock, owner, mode)) {
        return { key, mode: held, user, since, waits: false };
      }
    }
    return null;
  }

  /** Who is in the way of a request, some of them at most; none where it can be served. */
  inTheWay(owner: string, wants: Wants, most: number, place = Number.POSITIVE_INFINITY): readonly Obstacle[] {
    const found: Obstacle[] = [];
    for (const [key, mode] of wants) {
      const lock = this.#locks.get(key);
      if (lock === undefined) continue;
      for (const hold of otherHolds(lock, owner, mode)) {
        found.push({ key, mode: hold.mode, user: hold.user, since: hold.since, waits: false });
        if (found.length >= most) return found;
      }
      for (const waiter of earlierWaiters(lock, owner, mode, place)) {
        found.push({ key, mode: modeOf(waiter.wants), user: waiter.user, since: waiter.since, waits: true });
        if (found.length >= most) return found;
      }
    }
    return found;
  }

  /** Whether the fence is that of a live exclusive lock on the key. */
  isLive(fence: number, key: string): boolean {
    for (const hold of this.#locks.get(key)?.holds.values() ?? []) {
      if (hold.mode === "exclusive" && hold.fences.includes(fence)) return true;
    }
    return false;
  }

  /** Takes what is free, and tells the fence: that of an earlier grant, where the owner holds all of it by that. */
  take(owner: string, user: string, wants: Wants): number {
    const known = this.#commonFence(owner, wants);
    if (known !== undefined) return known;
    const fence = this.#nextFence();
    const keys = this.#held.get(owner) ?? new Set();
    this.#held.set(owner, keys);
    for (const [key, mode] of wants) {
      const lock = this.#lock(key);
      const hold = lock.holds.get(owner);
      if (hold === undefined) {
        lock.holds.set(owner, { owner, user, mode, since: this.#now(), fences: [fence], lease: null });
        keys.add(key);
        this.#size++;
      } else if (covers(hold.mode, mode)) {
        hold.fences = [...hold.fences.slice(1 - FENCES), fence];
      } else {
        hold.mode = mode;
        hold.fences = [fence];
      }
    }
    // Who holds a key passes those who wait for it: perhaps another request of his own can be served now.
    if (this.#waiting.has(owner)) {
      this.#changed.owners.add(owner);
      this.#serve();
    }
    return fence;
  }

  /** Whether to serve this, though nothing is in its way, would close a cycle: it may pass those who wait for its owner. */
  wouldCloseCycle(owner: string, wants: Wants): boolean {
    if (!this.#waiting.has(owner)) return false;
    const passes = [...wants].some(
      ([key, mode]) => mode === "exclusive" && (this.#locks.get(key)?.queue.size ?? 0) > 0,
    );
    if (!passes) return false;
    const place = Number.POSITIVE_INFINITY;
    const request = { owner, user: "", wants, since: 0, place, keeps: true, serve: () => undefined };
    return closesCycle(request, this.#locks, this.#waiting);
  }

  /**
   * Null where that would close a cycle of owners who wait for each other.
   * @param keeps whether it is to keep the locks
   * @param serve called when it is out of the queue and nothing is in its way
   */
  wait(owner: string, user: string, wants: Wants, keeps: boolean, serve: () => void): Waiter | null {
    const waiter: Waiter = { owner, user, wants, since: this.#now(), place: ++this.#place, keeps, serve };
    // Whoever has nothing yet is waited for by nobody.
    if (this.has(waiter.owner) && closesCycle(waiter, this.#locks, this.#waiting)) return null;
    const own = this.#waiting.get(waiter.owner) ?? new Set();
    this.#waiting.set(waiter.owner, own.add(waiter));
    for (const [key, mode] of waiter.wants) {
      const lock = this.#lock(key);
      lock.queue.add(waiter);
      if (mode === "exclusive") lock.exclusives.add(waiter);
      this.#size++;
    }
    return waiter;
  }

  cancel(waiter: Waiter): void {
    if (this.#dequeue(waiter)) this.#serve();
  }

  /** The owner's waits for any of the keys; all of them without keys. */
  waits(owner: string, keys?: readonly string[]): readonly Waiter[] {
    const all = [...(this.#waiting.get(owner) ?? [])];
    return keys === undefined ? all : all.filter(({ wants }) => keys.some((key) => wants.has(key)));
  }

  /** Whether the owner holds or waits for anything. */
  has(owner: string): boolean {
    return this.#held.has(owner) || this.#waiting.has(owner);
  }

  /** The keys that the owner holds. */
  heldBy(owner: string): readonly string[] {
    return [...(this.#held.get(owner) ?? [])];
  }

  holdOf(owner: string, key: string): Hold | undefined {
    return this.#locks.get(key)?.holds.get(owner);
  }

  /** Gives up what of it the owner holds, and tells which that was. */
  release(owner: string, keys: readonly string[]): readonly string[] {
    const held = this.#held.get(owner);
    const given = keys.filter((key) => held?.delete(key) === true);
    if (held?.size === 0) this.#held.delete(owner);
    for (const key of given) {
      const holds = this.#locks.get(key)?.holds;
      this.#isGone(key, holds?.get(owner)?.mode);
      holds?.delete(owner);
      this.#size--;
    }
    this.#serve();
    return given;
  }

  /** Everybody who holds or waits. */
  owners(): ReadonlySet<string> {
    return new Set([...this.#held.keys(), ...this.#waiting.keys()]);
  }

  *holders(): Generator<ListedHolder> {
    for (const [key, { holds }] of this.#locks) {
      for (const { owner, user, mode, since, fences } of holds.values()) {
        yield { key, mode, user, owner, since, fence: fences.at(-1) ?? 0 };
      }
    }
  }

  *waiters(): Generator<ListedWaiter> {
    for (const own of this.#waiting.values()) for (const waiter of own) yield this.described(waiter);
  }

  described({ owner, user, wants, since, place }: Waiter): ListedWaiter {
    const behind = new Set(this.inTheWay(owner, wants, BEHIND, place).map((obstacle) => obstacle.user));
    return { keys: [...wants.keys()], mode: modeOf(wants), user, owner, since, behind: [...behind] };
  }

  #commonFence(owner: string, wants: Wants): number | undefined {
    let common: readonly number[] | undefined;
    for (const [key, mode] of wants) {
      const hold = this.holdOf(owner, key);
      if (hold === undefined || !covers(hold.mode, mode)) return undefined;
      common = common?.filter((fence) => hold.fences.includes(fence)) ?? hold.fences;
    }
    return common?.at(-1);
  }

  #lock(key: string): KeyLock {
    let lock = this.#locks.get(key);
    if (lock === undefined) {
      lock = { holds: new Map(), queue: new Set(), exclusives: new Set() };
      this.#locks.set(key, lock);
    }
    return lock;
  }

  /** Somebody who held a key, or waited for it, does so no more. */
  #isGone(key: string, mode: LockMode | undefined): void {
    const { keys } = this.#changed;
    keys.set(key, keys.get(key) === true || mode === "exclusive");
  }

  /** Serves whoever can be after what has changed: of those who can, first who came first. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      for (let next = this.#next([]); next.length > 0; ) next = this.#serveFirst(next);
    } finally {
      this.#isServing = false;
    }
  }

  /** Until somebody may be served by that who came before the next; tells who is left then. */
  #serveFirst(waiters: readonly Waiter[]): readonly Waiter[] {
    const more: Waiter[] = [];
    for (const [i, waiter] of waiters.entries()) {
      if (!this.#serveIfFree(waiter)) continue;
      const found = this.#next([]);
      more.push(...found);
      const place = waiters[i + 1]?.place ?? 0;
      if (found.some((one) => one.place < place)) return this.#next([...more, ...waiters.slice(i + 1)]);
    }
    return this.#next(more);
  }

  /** Those who may be served after what has changed, and these, in the order in which they came. */
  #next(others: readonly Waiter[]): readonly Waiter[] {
    const { keys, owners } = this.#changed;
    const next = new Set<Waiter>(others);
    for (const [key, all] of keys) for (const waiter of this.#candidates(key, all)) next.add(waiter);
    for (const owner of owners) for (const waiter of this.waits(owner)) next.add(waiter);
    keys.clear();
    owners.clear();
    return [...next].sort((a, b) => a.place - b.place);
  }

  /**
   * Those who may be next for a key: its only holder, and the first in the queue, up to one who wants it alone. Where only
   * somebody is gone who shared it, none but that one was waiting for that.
   */
  *#candidates(key: string, all: boolean): Generator<Waiter> {
    const lock = this.#locks.get(key);
    if (lock === undefined) return;
    const { holds, queue } = lock;
    if (holds.size === 0 && queue.size === 0) this.#locks.delete(key);
    if (holds.size === 1) {
      for (const { owner } of holds.values()) {
        for (const waiter of this.waits(owner)) if (waiter.wants.has(key)) yield waiter;
      }
    }
    if (isTaken(holds)) return;
    for (const waiter of all ? queue : lock.exclusives) {
      yield waiter;
      if (waiter.wants.get(key) === "exclusive") return;
    }
  }

  #serveIfFree(waiter: Waiter): boolean {
    if (this.inTheWay(waiter.owner, waiter.wants, 1, waiter.place).length > 0 || !this.#dequeue(waiter)) return false;
    waiter.serve();
    return true;
  }

  /** False when it was not there any more. */
  #dequeue(waiter: Waiter): boolean {
    const own = this.#waiting.get(waiter.owner);
    if (own?.delete(waiter) !== true) return false;
    if (own.size === 0) this.#waiting.delete(waiter.owner);
    for (const [key, mode] of waiter.wants) {
      const lock = this.#locks.get(key);
      lock?.queue.delete(waiter);
      lock?.exclusives.delete(waiter);
      this.#isGone(key, mode);
      this.#size--;
    }
    return true;
  }
}

/** Named to somebody who waits: more would not help him. */
const BEHIND = 16;

/** Whether somebody has it for himself. */
function isTaken(holds: KeyLock["holds"]): boolean {
  for (const { mode } of holds.values()) return mode === "exclusive";
  return false;
}
