/** The locks of all rooms, and where each owner has some. */
import type { Asker, Clock, LockNews, Operation, Outcome } from "../port.ts";
import type { DueQueue } from "./due-queue.ts";
import type { Wants } from "./key-lock.ts";
import { RoomLocks } from "./room-locks.ts";
import { weightOf } from "./wants.ts";

export class Claims {
  readonly #clock: Clock;
  readonly #due: DueQueue;
  readonly #tell: (news: LockNews) => void;
  readonly #rooms = new Map<string, RoomLocks>();
  /** The rooms in which each owner holds or waits for something. */
  readonly #owners = new Map<string, Set<string>>();
  /** What has changed and may be gone: room → owners. */
  readonly #changed = new Map<string, Set<string>>();
  readonly #used = { keys: 0, units: 0, isClosed: false };
  #fence = 0;

  constructor(clock: Clock, due: DueQueue, tell: (news: LockNews) => void) {
    this.#clock = clock;
    this.#due = due;
    this.#tell = tell;
  }

  /** Whether nobody holds or waits for anything in the room. */
  isFree(room: string): boolean {
    return !this.#rooms.has(room);
  }

  of(room: string): RoomLocks | undefined {
    return this.#rooms.get(room);
  }

  /** Runs `perform` as the locks allow: at once, later, or not. */
  run(room: string, asker: Asker & Operation, wants: Wants, perform: () => Outcome): Outcome {
    const locks = this.#locks(room);
    const outcome = locks.run(asker, wants, weightOf(asker), perform);
    if (locks.size === 0) this.#rooms.delete(room);
    this.settle();
    return outcome;
  }

  unlock(room: string, owner: string, keys: readonly string[]): void {
    this.#rooms.get(room)?.unlock(owner, keys);
    this.settle();
  }

  /** Takes from an owner all that he has, in all rooms but one. */
  revoke(owner: string, but?: string): void {
    for (const room of [...(this.#owners.get(owner) ?? [])]) {
      if (room !== but) this.#rooms.get(room)?.revoke(owner);
    }
    this.settle();
  }

  /** The room is gone. */
  drop(room: string): void {
    this.#rooms.get(room)?.drop();
    this.settle();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#used.isClosed = true;
    for (const locks of [...this.#rooms.values()]) locks.close();
    this.settle();
  }

  /** Ends the leases that are over. */
  endLeases(): void {
    for (const room of [...this.#changed.keys()]) this.#rooms.get(room)?.endLeases();
    this.settle();
  }

  /** To be called after something was done: tells of it, and forgets what is empty now. */
  settle(): void {
    if (this.#changed.size === 0) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const [room, owners] of changed) {
      const locks = this.#rooms.get(room);
      for (const owner of owners) if (locks?.has(owner) !== true) this.#forget(owner, room);
      if (locks?.size === 0) this.#rooms.delete(room);
      this.#tell({ kind: "moved", room });
    }
  }

  #locks(room: string): RoomLocks {
    let locks = this.#rooms.get(room);
    if (locks === undefined) {
      locks = new RoomLocks(room, {
        clock: this.#clock,
        due: this.#due,
        tell: this.#tell,
        nextFence: () => this.#nextFence(),
        used: this.#used,
        changed: (owner) => this.#note(room, owner),
      });
      this.#rooms.set(room, locks);
    }
    return locks;
  }

  #note(room: string, owner: string): void {
    this.#changed.set(room, (this.#changed.get(room) ?? new Set()).add(owner));
    this.#owners.set(owner, (this.#owners.get(owner) ?? new Set()).add(room));
  }

  #forget(owner: string, room: string): void {
    const rooms = this.#owners.get(owner);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#owners.delete(owner);
  }

  /** Goes on from the wall time, so that it repeats in no room, whatever was forgotten. */
  #nextFence(): number {
    this.#fence = Math.max(this.#fence + 1, this.#clock.now() * 1024);
    return this.#fence;
  }
}
