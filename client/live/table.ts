import type { Entry, WatchEvent } from "../sdk/index.ts";
import { type Preview, previewOf } from "./news.ts";

/** How many rows are kept. */
export const MAX_ROWS = 5_000;
/** How long a change is pointed out; a deleted key goes after it. */
export const MARK_MS = 2_000;

/** A key of a room as it is now. The same object for as long as the key is there. */
export interface Row {
  readonly room: string;
  readonly key: string;
  /** Null where it was deleted a moment ago. */
  readonly preview: Preview | null;
  readonly revision: number;
  /** Ms since 1970 by the server's clock. */
  readonly at: number;
  /** Null where nobody knows: a gap told that it is gone. */
  readonly by: string | null;
  /** When it came, by our clock; null of what was there before. */
  readonly changedAt: number | null;
}

/**
 * The keys of all rooms, in the order of rooms and keys. Where there are more than `MAX_ROWS`, those stay that changed
 * last, and `leavesOut` says so.
 */
export class Table {
  /** By room and key; what changed longest ago comes first. */
  readonly #rows = new Map<string, Row>();
  readonly #deleted = new Set<string>();
  /** Rooms of which not all keys are here. */
  readonly #partial = new Set<string>();
  #sorted: readonly Row[] | null = null;

  get leavesOut(): boolean {
    return this.#partial.size > 0;
  }

  apply(event: WatchEvent, now: number): void {
    if (event.kind === "end" || event.reset) this.drop(event.room);
    if (event.kind === "end") return;
    if (event.kind === "snapshot") {
      this.#fill(event.room, event.puts);
      return;
    }
    const { room, puts, deletes, position } = event;
    for (const entry of puts) this.#set({ ...rowOf(room, entry), changedAt: now });
    const [at, by] = event.kind === "change" ? [event.at, event.by] : [now, null];
    for (const key of deletes) {
      this.#delete({ room, key, preview: null, revision: position.revision, at, by, changedAt: now });
    }
  }

  /** Nothing is known of this room any more. */
  drop(room: string): void {
    this.#partial.delete(room);
    for (const [id, row] of this.#rows) if (row.room === room) this.#remove(id);
  }

  /** @param now by our clock */
  rows(isWanted: (row: Row) => boolean, now: number): readonly Row[] {
    for (const id of this.#deleted) if (!isMarked(this.#rows.get(id), now)) this.#remove(id);
    this.#sorted ??= [...this.#rows.values()].sort(byRoomAndKey);
    return this.#sorted.filter(isWanted);
  }

  /** What there is at the beginning, as far as there is space: the newest. */
  #fill(room: string, entries: readonly Entry[]): void {
    const newest = [...entries].sort((a, b) => b.updatedAt - a.updatedAt);
    const space = MAX_ROWS - this.#rows.size;
    if (newest.length > space) this.#partial.add(room);
    for (const entry of newest.slice(0, Math.max(0, space)).reverse()) this.#set(rowOf(room, entry));
  }

  #set(row: Row): void {
    const id = idOf(row);
    const known = this.#rows.get(id);
    this.#deleted.delete(id);
    // Behind all others, as what changed last.
    this.#rows.delete(id);
    this.#rows.set(id, known === undefined ? row : Object.assign(known, row));
    if (known === undefined) this.#sorted = null;
    if (this.#rows.size > MAX_ROWS) this.#leaveOutOldest();
  }

  #leaveOutOldest(): void {
    for (const [id, { room }] of this.#rows) {
      this.#partial.add(room);
      this.#remove(id);
      return;
    }
  }

  #delete(row: Row): void {
    const id = idOf(row);
    if (!this.#rows.has(id)) return;
    this.#set(row);
    this.#deleted.add(id);
  }

  #remove(id: string): void {
    this.#rows.delete(id);
    this.#deleted.delete(id);
    this.#sorted = null;
  }
}

/** Whether it changed a moment ago. */
export function isMarked(row: Row | undefined, now: number): boolean {
  return row?.changedAt !== undefined && row.changedAt !== null && now - row.changedAt < MARK_MS;
}

export function byRoomAndKey(a: Pick<Row, "room" | "key">, b: Pick<Row, "room" | "key">): number {
  if (a.room !== b.room) return a.room < b.room ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function rowOf(room: string, { key, value, revision, updatedAt: at, updatedBy: by }: Entry): Row {
  return { room, key, preview: previewOf(value), revision, at, by, changedAt: null };
}

/** Rooms' names have no spaces. */
function idOf({ room, key }: Row): string {
  return `${room} ${key}`;
}
