/** A client's side of watches, in as few words as possible: what was told, folded into what must be there. */
import type { Change, Entry, Position } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Output } from "../../protocol/requests.ts";

interface Start {
  readonly position?: Position | undefined;
  readonly snapshot?: readonly Entry[] | undefined;
  readonly changes?: readonly Change[] | undefined;
  readonly gap?: true | undefined;
  readonly more?: true | undefined;
}

/** One room as one watch tells it. Throws where the telling breaks a promise. */
export class Mirror {
  readonly entries = new Map<string, Entry>();
  /** Revisions of all single changes, in the order in which they came. */
  readonly revisions: number[] = [];
  position: Position | null;
  gaps = 0;
  starts = 0;
  ended = false;
  #pages: Entry[] = [];
  #isPaging = false;

  constructor(from: Position | null = null) {
    this.position = from;
  }

  /** Key → value, in the order of the keys. */
  get values(): Record<string, string> {
    return Object.fromEntries([...this.entries].toSorted().map(([key, { value }]) => [key, value]));
  }

  start(start: Output<"watch"> | Push<"start"> | Start): void {
    if (this.ended) throw new Error("A word after the end.");
    const { position } = start;
    if (position === undefined) throw new Error("A start without a position.");
    this.starts++;
    this.#isPaging = start.more === true;
    if (start.gap === true && start.snapshot === undefined) throw new Error("A gap without a snapshot.");
    if (start.snapshot === undefined) {
      this.#apply(position, start.changes ?? []);
      return;
    }
    this.#pages.push(...start.snapshot);
    if (start.more === true) return;
    if (start.gap === true) this.gaps++;
    this.entries.clear();
    for (const entry of this.#pages) this.entries.set(entry.key, entry);
    this.#pages = [];
    this.position = position;
  }

  changes({ position, changes }: Push<"changes">): void {
    if (this.ended) throw new Error("Changes after the end.");
    if (this.starts === 0) throw new Error("Changes before the start.");
    if (this.#isPaging) throw new Error("Changes between the pages.");
    this.#apply(position, changes);
  }

  #apply(position: Position, changes: readonly Change[]): void {
    for (const { revision, puts, deletes } of changes) {
      const before = this.position?.revision ?? 0;
      if (revision <= before) throw new Error(`Revision ${revision} after ${before}.`);
      this.position = { ...position, revision };
      this.revisions.push(revision);
      for (const entry of puts) this.entries.set(entry.key, entry);
      for (const key of deletes) this.entries.delete(key);
    }
    const before = this.position?.revision ?? 0;
    if (position.revision < before) throw new Error(`Position ${position.revision} after ${before}.`);
    this.position = position;
  }
}
