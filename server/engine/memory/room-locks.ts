/**
 * Runs operations as the locks of their room allow: at once, behind those who came first, or not. Ends waits that are too
 * long and leases that are over.
 */
import type { Asker, Clock, LockNews, LossReason, Outcome } from "../port.ts";
import type { DueQueue } from "./due-queue.ts";
import { modeOf, type Waiter, type Wants } from "./key-lock.ts";
import * as refusals from "./lock-refusals.ts";
import { LockTable } from "./lock-table.ts";

/** Keys of a room that may be held or waited for at once, each counted as often as that is. */
const ROOM_LOCKS = 10_000;
/** Of all rooms. */
const ALL_LOCKS = 200_000;
/** Requests of one owner that may wait in one room, and UTF-16 units of what they carry. */
const OWNER_WAITS = 64;
const OWNER_UNITS = 4 * 1024 * 1024;
/** Of all that wait. */
const ALL_UNITS = 64 * 1024 * 1024;

export interface RoomLocksParts {
  readonly clock: Clock;
  readonly due: DueQueue;
  readonly tell: (news: LockNews) => void;
  readonly nextFence: () => number;
  /** In all rooms: how often a key is held or waited for, UTF-16 units of what waits, and whether nothing may wait now. */
  readonly used: { keys: number; units: number; readonly isClosed: boolean };
  /** Something of this owner's is not as it was. */
  readonly changed: (owner: string) => void;
}

/** Somebody who can hold locks. */
interface Owner extends Asker {
  readonly owner: string;
}

export class RoomLocks {
  readonly #room: string;
  readonly #parts: RoomLocksParts;
  readonly #table: LockTable;
  /** How each wait ends. */
  readonly #ends = new Map<Waiter, (outcome: Outcome) => void>();
  /** UTF-16 units of what each owner has waiting. */
  readonly #units = new Map<string, number>();
  /** Leases that are over: owner → keys. */
  readonly #overdue = new Map<string, string[]>();
  #counted = 0;

  constructor(room: string, parts: RoomLocksParts) {
    this.#room = room;
    this.#parts = parts;
    this.#table = new LockTable(() => parts.clock.now(), parts.nextFence);
  }

  /** How often a key is held or waited for. */
  get size(): number {
    return this.#table.size;
  }

  has(owner: string): boolean {
    return this.#table.has(owner);
  }

  list(limit: number): Omit<Extract<Outcome, { kind: "locks" }>, "kind"> {
    const holders = first(this.#table.holders(), limit, () => 1);
    const waiters = first(this.#table.waiters(), limit, ({ keys }) => keys.length);
    return { holders: holders.some, waiters: waiters.some, more: holders.more || waiters.more };
  }

  /**
   * @param units UTF-16 units of what it would keep in memory while it waits
   * @param perform what is asked, where the locks allow it
   */
  run(asker: Asker, wants: Wants, units: number, perform: () => Outcome): Outcome {
    const { owner, claim = {} } = asker;
    if (claim.fence !== undefined) return this.#staleFence(wants, claim.fence) ?? perform();
    const { hold = false, waitMs = 0 } = claim;
    // Where nothing is changed or asked for there is nothing to hold.
    if (owner === undefined || wants.size === 0 || (!hold && waitMs === 0)) {
      const obstacle = this.#table.holderInTheWay(owner, wants);
      return obstacle === null ? perform() : refusals.locked(obstacle, this.#parts.clock.now());
    }
    const [obstacle] = this.#table.inTheWay(owner, wants, 1);
    const serve = hold ? () => this.#keep({ ...asker, owner }, wants, perform) : perform;
    if (obstacle === undefined) return hold && this.#table.wouldCloseCycle(owner, wants) ? refusals.DEADLOCK : serve();
    if (waitMs === 0) return refusals.locked(obstacle, this.#parts.clock.now());
    if (this.#parts.used.isClosed) return refusals.CLOSING;
    if (!this.#mayWait(owner, wants, units)) return refusals.NO_ROOM;
    return this.#park({ ...asker, owner }, wants, units, serve, waitMs);
  }

  /** Gives up the keys, and waits no more for any of them. */
  unlock(owner: string, keys: readonly string[]): void {
    for (const waiter of this.#table.waits(owner, keys)) this.#giveUp(waiter, refusals.CANCELLED);
    this.#release(owner, keys);
  }

  /** Takes all that the owner has. */
  revoke(owner: string): void {
    for (const waiter of this.#table.waits(owner)) this.#giveUp(waiter, refusals.REVOKED);
    this.#lose(owner, this.#table.heldBy(owner), "revoked");
  }

  /** The room is gone. */
  drop(): void {
    const owners = this.#table.owners();
    for (const owner of owners) {
      for (const waiter of this.#table.waits(owner)) this.#giveUp(waiter, refusals.roomDeleted(this.#room));
    }
    for (const owner of owners) this.#lose(owner, this.#table.heldBy(owner), "deleted");
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const waiter of [...this.#ends.keys()]) this.#giveUp(waiter, refusals.CLOSING);
  }

  /** Ends the leases that are over: all at once, so that what somebody loses is told once. */
  endLeases(): void {
    const overdue = [...this.#overdue];
    this.#overdue.clear();
    for (const [owner, keys] of overdue) this.#lose(owner, keys, "lease");
  }

  #staleFence(wants: Wants, fence: number): Outcome | null {
    for (const key of wants.keys()) if (!this.#table.isLive(fence, key)) return refusals.staleFence(key, fence);
    return null;
  }

  /** Does what is asked and keeps the locks; where it is refused, none. */
  #keep({ owner, by, claim }: Owner, wants: Wants, perform: () => Outcome): Outcome {
    if (this.#isFull(owner, wants)) return refusals.NO_ROOM;
    const outcome = perform();
    if (outcome.kind !== "granted" && outcome.kind !== "committed" && outcome.kind !== "entries") return outcome;
    const fence = this.#table.take(owner, by, wants);
    if (claim?.leaseMs !== undefined) this.#lease(owner, wants, claim.leaseMs);
    this.#changed(owner);
    return { ...outcome, fence };
  }

  #lease(owner: string, wants: Wants, ms: number): void {
    for (const key of wants.keys()) {
      const hold = this.#table.holdOf(owner, key);
      if (hold === undefined) continue;
      if (hold.lease !== null) this.#parts.due.cancel(hold.lease);
      hold.lease = this.#parts.due.after(ms, () => {
        this.#overdue.set(owner, [...(this.#overdue.get(owner) ?? []), key]);
        this.#changed(owner);
      });
    }
  }

  #park({ owner, by, claim }: Owner, wants: Wants, units: number, serve: () => Outcome, waitMs: number): Outcome {
    let settle: (outcome: Outcome) => void = () => undefined;
    const settled = new Promise<Outcome>((resolve) => {
      settle = resolve;
    });
    const waiter = this.#table.wait(owner, by, wants, claim?.hold === true, () => {
      const outcome = serve();
      this.#ends.get(waiter as Waiter)?.(outcome);
      if (claim?.hold === true) this.#tellGranted(owner, wants, outcome);
    });
    if (waiter === null) return refusals.DEADLOCK;
    const timer = this.#parts.due.after(waitMs, () => this.#timeOut(waiter));
    this.#weigh(owner, units);
    this.#ends.set(waiter, (outcome) => {
      this.#ends.delete(waiter);
      this.#weigh(owner, -units);
      this.#parts.due.cancel(timer);
      settle(outcome);
      this.#changed(owner);
    });
    this.#parts.tell({ kind: "waiting", room: this.#room, waiter: this.#table.described(waiter) });
    this.#changed(owner);
    return { kind: "parked", settled };
  }

  #timeOut(waiter: Waiter): void {
    const [obstacle] = this.#table.inTheWay(waiter.owner, waiter.wants, 1, waiter.place);
    // Somebody is in the way, or it would have been served.
    this.#giveUp(
      waiter,
      obstacle === undefined ? refusals.CLOSING : refusals.locked(obstacle, this.#parts.clock.now()),
    );
  }

  #giveUp(waiter: Waiter, outcome: Outcome): void {
    this.#ends.get(waiter)?.(outcome);
    this.#table.cancel(waiter);
    this.#changed(waiter.owner);
  }

  #lose(owner: string, keys: readonly string[], reason: LossReason): void {
    const lost = this.#release(owner, keys);
    if (lost.length > 0) this.#parts.tell({ kind: "lost", room: this.#room, owner, keys: lost, reason });
  }

  #release(owner: string, keys: readonly string[]): readonly string[] {
    for (const key of keys) {
      const lease = this.#table.holdOf(owner, key)?.lease ?? null;
      if (lease !== null) this.#parts.due.cancel(lease);
    }
    const released = this.#table.release(owner, keys);
    if (released.length > 0) this.#changed(owner);
    return released;
  }

  #tellGranted(owner: string, wants: Wants, outcome: Outcome): void {
    const fence = "fence" in outcome ? outcome.fence : undefined;
    if (fence === undefined) return;
    this.#parts.tell({ kind: "granted", room: this.#room, owner, keys: [...wants.keys()], mode: modeOf(wants), fence });
  }

  #mayWait(owner: string, wants: Wants, units: number): boolean {
    if (this.#table.waits(owner).length >= OWNER_WAITS || this.#isFull(owner, wants)) return false;
    return (this.#units.get(owner) ?? 0) + units <= OWNER_UNITS && this.#parts.used.units + units <= ALL_UNITS;
  }

  #weigh(owner: string, more: number): void {
    const units = (this.#units.get(owner) ?? 0) + more;
    if (units === 0) this.#units.delete(owner);
    else this.#units.set(owner, units);
    this.#parts.used.units += more;
  }

  /** What the owner has already is no more when he takes it again. */
  #isFull(owner: string, wants: Wants): boolean {
    let more = 0;
    for (const key of wants.keys()) if (this.#table.holdOf(owner, key) === undefined) more++;
    return this.#table.size + more > ROOM_LOCKS || this.#parts.used.keys + more > ALL_LOCKS;
  }

  #changed(owner: string): void {
    this.#parts.used.keys += this.#table.size - this.#counted;
    this.#counted = this.#table.size;
    this.#parts.changed(owner);
  }
}

/** As many as are `most` together, but at least one; and whether there are more. */
function first<T>(all: Iterable<T>, most: number, sizeOf: (one: T) => number): { some: readonly T[]; more: boolean } {
  const some: T[] = [];
  let size = 0;
  for (const one of all) {
    size += sizeOf(one);
    if (size > most && some.length > 0) return { some, more: true };
    some.push(one);
  }
  return { some, more: false };
}
