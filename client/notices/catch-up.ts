import type { WatchEvent } from "../sdk/index.ts";

/** How all went on after a cut: how many changes came late, and whether others are lost. */
export interface Recovery {
  readonly replayed: number;
  readonly gap: boolean;
}

/** What comes late, from a cut until all watches are live again. */
export class CatchUp {
  /** How many keys each of the events is about. */
  readonly #keys = new Map<string, number>();
  #gap = false;

  add(event: WatchEvent): void {
    if (event.kind === "gap") this.#gap = true;
    if (event.kind === "gap" || event.kind === "end") return;
    // A room that was born meanwhile begins with a snapshot.
    const which = event.kind === "change" ? event.position.revision : event.kind;
    this.#keys.set(`${which} ${event.room}`, event.puts.length + event.deletes.length);
  }

  /** The user is told of this change by an answer. */
  leaveOut(room: string, revision: number): void {
    this.#keys.delete(`${revision} ${room}`);
  }

  get recovery(): Recovery {
    return { replayed: [...this.#keys.values()].reduce((sum, keys) => sum + keys, 0), gap: this.#gap };
  }
}
