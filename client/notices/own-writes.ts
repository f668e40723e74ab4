import type { WatchEvent } from "../sdk/index.ts";

/** Writes whose answers have told the user of them, until their events come. */
export class OwnWrites {
  readonly #revisions = new Map<string, Set<number>>();

  add(room: string, revision: number): void {
    const revisions = this.#revisions.get(room) ?? new Set();
    this.#revisions.set(room, revisions.add(revision));
  }

  /** The events without those of the writes, each of which is left out once. */
  without(events: readonly WatchEvent[]): readonly WatchEvent[] {
    return events.filter((event) => {
      if (event.kind === "change") return this.#revisions.get(event.room)?.delete(event.position.revision) !== true;
      // What comes instead of single changes contains them; afterwards the numbers may mean something else.
      this.#revisions.delete(event.room);
      return true;
    });
  }
}
