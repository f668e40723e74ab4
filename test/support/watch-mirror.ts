/** A client's side of watches, in as few words as possible: what was told, folded into what must be there. */
import type { Change, Entry, Position } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { changesIn } from "../../protocol/series.ts";

interface Start {
  readonly position?: Position | undefined;
  readonly snapshot?: readonly Entry[] | undefined;
  readonly changes?: readonly Change[] | undefined;
  readonly gap?: true | undefined;
  readonly more?: true | undefined;
}

/** What came without a break: behind which revision it begins, up to which it reaches, and what came between. */
export interface Segment {
  readonly epoch: string;
  readonly after: number;
  upTo: number;
  readonly revisions: number[];
}

/** One room as one watch tells it. Throws where the telling breaks a promise. */
export class Mirror {
  readonly entries = new Map<string, Entry>();
  /** A new one begins with each snapshot. */
  readonly segments: Segment[] = [];
  position: Position | null;
  gaps = 0;
  starts = 0;
  ended = false;
  #pages: Entry[] = [];
  #isPaging = false;

  constructor(from: Position | null = null) {
    this.position = from;
    if (from !== null) this.#begin(from);
  }

  /** Revisions of all single changes, in the order in which they came. */
  get revisions(): number[] {
    return this.segments.flatMap(({ revisions }) => revisions);
  }

  /** The connection was lost: half a snapshot counts for nothing. */
  restart(): void {
    this.#pages = [];
    this.#isPaging = false;
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
    this.#begin(position);
  }

  changes(push: Push<"changes">): void {
    if (this.ended) throw new Error("Changes after the end.");
    if (this.starts === 0) throw new Error("Changes before the start.");
    if (this.#isPaging) throw new Error("Changes between the pages.");
    this.#apply(push.position, changesIn(push));
  }

  #apply(position: Position, changes: readonly Change[]): void {
    const segment = this.segments.at(-1);
    if (segment === undefined) throw new Error("Changes without a beginning.");
    if (segment.epoch !== position.epoch) throw new Error("Changes of another epoch.");
    for (const { revision, tag, puts, deletes } of changes) {
      const before = this.position?.revision ?? 0;
      if (revision <= before) throw new Error(`Revision ${revision} after ${before}.`);
      this.position = { ...position, revision, tag };
      segment.revisions.push(revision);
      for (const entry of puts) this.entries.set(entry.key, entry);
      for (const key of deletes) this.entries.delete(key);
    }
    const before = this.position?.revision ?? 0;
    if (position.revision < before) throw new Error(`Position ${position.revision} after ${before}.`);
    this.position = position;
    segment.upTo = position.revision;
  }

  #begin({ epoch, revision }: Position): void {
    this.segments.push({ epoch, after: revision, upTo: revision, revisions: [] });
  }
}
