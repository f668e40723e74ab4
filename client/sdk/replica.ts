import type { Change, Entry, Position } from "../../protocol/fields.ts";

/** As a room's name, it stands for all of them. */
export const ALL_ROOMS = "*";

/** Where a watch of a room begins, as the answer and the `start` pushes tell it. */
export interface Start {
  readonly position: Position;
  readonly snapshot?: readonly Entry[] | undefined;
  readonly changes?: readonly Change[] | undefined;
  readonly gap?: true | undefined;
  readonly more?: true | undefined;
}

/**
 * What happened in a room. Whoever applies `puts` and `deletes` of all events in order, dropping everything before one
 * with `reset`, holds the room as it is.
 */
export type WatchEvent =
  /** The first word: everything that is there. */
  | ({ readonly kind: "snapshot"; readonly reset: true } & Happened)
  | ({ readonly kind: "change"; readonly reset: false; readonly at: number; readonly by: string } & Happened)
  /**
   * The server's log did not reach back to where the watch stood: single changes are lost. What differs between what
   * the watch has told and what is there now; everything that is there, with `reset`, where it began at a saved position.
   */
  | ({ readonly kind: "gap"; readonly reset: boolean } & Happened)
  /** The room was deleted: there will be nothing more of it. A watch of all rooms goes on, also with the next of its name. */
  | { readonly kind: "end"; readonly room: string; readonly reason: string };

interface Happened {
  readonly room: string;
  /** The position after it: what a later watch can begin from. */
  readonly position: Position;
  readonly puts: readonly Entry[];
  readonly deletes: readonly string[];
}

/** What a watch has told of one room: enough to resume, and to tell what differs after a gap. */
export class Replica {
  readonly #room: string;
  #position: Position | null;
  /** The revision of each key that was told; null where the watch began at a saved position. */
  #seen: Map<string, number> | null;
  /** Of a snapshot that comes in pages. */
  #pages: Entry[] = [];

  constructor(room: string, from: Position | null) {
    this.#room = room;
    this.#position = from;
    this.#seen = null;
  }

  /** Everything up to here was told; null before the first word. */
  get position(): Position | null {
    return this.#position;
  }

  /** It is begun anew: nothing of a snapshot that was cut off counts. */
  restart(): void {
    this.#pages = [];
  }

  /** @returns the events that it brings: none while further pages of a snapshot are to come */
  begin(start: Start): WatchEvent[] {
    if (start.snapshot === undefined) return this.changed(start.position, start.changes ?? []);
    this.#pages.push(...start.snapshot);
    if (start.more === true) return [];
    const entries = this.#pages;
    this.#pages = [];
    const event = start.gap === true ? this.#gap(start.position, entries) : this.#snapshot(start.position, entries);
    this.#seen = new Map(entries.map(({ key, revision }) => [key, revision]));
    this.#position = start.position;
    return [event];
  }

  changed(position: Position, changes: readonly Change[]): WatchEvent[] {
    const room = this.#room;
    const told = this.#position?.epoch === position.epoch ? this.#position.revision : -1;
    // Asked twice on one connection, the server may tell twice.
    if (position.revision < told) return [];
    this.#position = position;
    const news = changes.filter(({ revision }) => revision > told);
    return news.map(({ revision, tag, at, by, puts, deletes }) => {
      for (const entry of puts) this.#seen?.set(entry.key, entry.revision);
      for (const key of deletes) this.#seen?.delete(key);
      const after = { epoch: position.epoch, revision, tag };
      return { kind: "change", reset: false, room, position: after, at, by, puts, deletes };
    });
  }

  #snapshot(position: Position, entries: readonly Entry[]): WatchEvent {
    return { kind: "snapshot", reset: true, room: this.#room, position, puts: entries, deletes: [] };
  }

  #gap(position: Position, entries: readonly Entry[]): WatchEvent {
    const seen = this.#seen;
    const gap = { kind: "gap", room: this.#room, position } as const;
    if (seen === null) return { ...gap, reset: true, puts: entries, deletes: [] };
    const told = this.#position;
    // In another life of the room, or where some of this one is lost, the same revision says nothing of the value.
    const comparable = told?.epoch === position.epoch && told.revision <= position.revision;
    const keys = new Set(entries.map(({ key }) => key));
    const puts = comparable ? entries.filter(({ key, revision }) => seen.get(key) !== revision) : entries;
    return { ...gap, reset: false, puts, deletes: [...seen.keys()].filter((key) => !keys.has(key)) };
  }
}
