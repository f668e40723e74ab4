import type { WatchEvent } from "../sdk/index.ts";

/** Writes whose answers have told the user of them, until their events come. */
export class OwnWrites {
  readonly #revisions = new Map<string, Set<number>>();

  add(room: string, revision: number): void {
    const revisions = this.#revisions.get(room) ?? new Set();
    this.#revisions.set(room, revisions.add(revision));
  }

  /** Something has come that contains them all, and behind which the numbers may mean something else. */
  forget(room: string): void {
    this.#revisions.delete(room);
  }

  has(event: WatchEvent): boolean {
    return event.kind === "change" && this.#revisions.get(event.room)?.has(event.position.revision) === true;
  }

  /** The events without those of the writes, each of which is left out once. */
  without(events: readonly WatchEvent[]): readonly WatchEvent[] {
    return events.filter((event) => {
      return event.kind !== "change" || this.#revisions.get(event.room)?.delete(event.position.revision) !== true;
    });
  }
}
