/** Which keys go by themselves: after a time, or with the owner who put them. */
import type { Put } from "../port.ts";
import type { Due, DueQueue } from "./due-queue.ts";

interface Life {
  due: Due | null;
  readonly owner: string | null;
}

/** @typeParam R a life of a room */
export class Lifetimes<R> {
  readonly #due: DueQueue;
  readonly #rooms = new Map<R, Map<string, Life>>();
  readonly #owners = new Map<string, Map<R, Set<string>>>();
  #expired = new Map<R, string[]>();

  constructor(due: DueQueue) {
    this.#due = due;
  }

  /** Whether any key of the room goes by itself. */
  has(room: R): boolean {
    return this.#rooms.size > 0 && this.#rooms.has(room);
  }

  /** @param put as it was just committed; what was said of the key before does not hold any more */
  begin(room: R, { key, ttlMs, ephemeral }: Put, owner: string | undefined): void {
    const isOwned = ephemeral === true && owner !== undefined;
    if (ttlMs === undefined && !isOwned) return;
    const lives = this.#rooms.get(room) ?? new Map<string, Life>();
    this.#rooms.set(room, lives);
    lives.set(key, { due: this.#expiry(room, key, ttlMs ?? null), owner: isOwned ? owner : null });
    if (isOwned) this.#keysOf(owner, room).add(key);
  }

  /** The key was deleted, or put again. */
  end(room: R, key: string): void {
    const lives = this.#rooms.get(room);
    const life = lives?.get(key);
    if (life === undefined) return;
    lives?.delete(key);
    if (lives?.size === 0) this.#rooms.delete(room);
    if (life.due !== null) this.#due.cancel(life.due);
    if (life.owner !== null) this.#disown(life.owner, room, key);
  }

  /** Has the key go after another time from now; with null, not by itself, except with its owner. */
  prolong(room: R, key: string, ttlMs: number | null): void {
    const owner = this.#rooms.get(room)?.get(key)?.owner ?? undefined;
    this.end(room, key);
    this.begin(room, { key, value: "", ephemeral: owner !== undefined, ...(ttlMs === null ? {} : { ttlMs }) }, owner);
  }

  /** The keys whose time is over, by room; told once. */
  takeExpired(): ReadonlyMap<R, readonly string[]> {
    const expired = this.#expired;
    if (expired.size > 0) this.#expired = new Map();
    return expired;
  }

  /** The keys that go with an owner, by room. */
  ownedBy(owner: string): ReadonlyMap<R, ReadonlySet<string>> {
    return this.#owners.get(owner) ?? new Map();
  }

  #expiry(room: R, key: string, ttlMs: number | null): Due | null {
    if (ttlMs === null) return null;
    return this.#due.after(ttlMs, () => {
      const keys = this.#expired.get(room) ?? [];
      keys.push(key);
      this.#expired.set(room, keys);
    });
  }

  #keysOf(owner: string, room: R): Set<string> {
    const rooms = this.#owners.get(owner) ?? new Map<R, Set<string>>();
    this.#owners.set(owner, rooms);
    const keys = rooms.get(room) ?? new Set<string>();
    rooms.set(room, keys);
    return keys;
  }

  #disown(owner: string, room: R, key: string): void {
    const rooms = this.#owners.get(owner);
    const keys = rooms?.get(room);
    keys?.delete(key);
    if (keys?.size === 0) rooms?.delete(room);
    if (rooms?.size === 0) this.#owners.delete(owner);
  }
}
