import type { Entry, KeyChange, Position } from "../../../protocol/fields.ts";
import type { RoomLimits } from "../../../protocol/limits.ts";
import type { LogRecord } from "../port.ts";

/** What a log can say to somebody who stands at a position. */
export type Replay =
  | { readonly kind: "records"; readonly records: readonly LogRecord[] }
  | { readonly kind: "gap" | "future" };

/**
 * One commit. What is kept for long is copied again and again by the garbage collector, object by object; so the most
 * common commit, a single put, is kept as its entry alone, and its record is made again when somebody asks for it.
 */
type Kept = Entry | LogRecord;

const ANY = 0;

/**
 * The last commits of one life of a room, oldest first, bounded by count and bytes.
 *
 *     base ── kept[start] ── … ── kept[end - 1] = newest
 *
 * The base is the place before the oldest commit; with its tag kept, a client that stands exactly there
 * can still be told from one that stands at a revision which was lost and used again.
 */
export class ChangeLog {
  readonly #epoch: string;
  readonly #limits: Pick<RoomLimits, "logRecords" | "logBytes">;
  readonly #base: { revision: number; tag: number };
  /** Five lists of one length: each commit, its tag, what a single put replaced, its estimated bytes, and its key. */
  #kept: Kept[] = [];
  #tags: number[] = [];
  #replaced: (Entry | undefined)[] = [];
  #sizes: number[] = [];
  /** The mark of a commit's key; `ANY` where it may have several. */
  #marks: number[] = [];
  /** Index of the oldest commit: those before it are trimmed and wait for compaction. */
  #start = 0;
  #bytes = 0;

  constructor(epoch: string, birthTag: number, limits: Pick<RoomLimits, "logRecords" | "logBytes">) {
    this.#epoch = epoch;
    this.#base = { revision: 0, tag: birthTag };
    this.#limits = limits;
  }

  /** Estimated bytes of all records. */
  get bytes(): number {
    return this.#bytes;
  }

  get revision(): number {
    return this.#kept.at(-1)?.revision ?? this.#base.revision;
  }

  /** The place after the newest commit. */
  get position(): Position {
    return { epoch: this.#epoch, revision: this.revision, tag: this.#tags.at(-1) ?? this.#base.tag };
  }

  /** @param bytes the estimated size of the record */
  append(record: LogRecord, bytes: number): void {
    const entry = record.puts[0];
    const isSinglePut = entry !== undefined && record.puts.length === 1 && record.deletes.length === 0;
    this.#kept.push(isSinglePut ? entry : record);
    this.#replaced.push(isSinglePut ? record.replaced[0] : undefined);
    this.#tags.push(record.tag);
    this.#sizes.push(bytes);
    this.#marks.push(isSinglePut ? markOf(entry.key) : ANY);
    this.#bytes += bytes;
    while (this.#length > this.#limits.logRecords) this.#trimOldest();
    this.shed(this.#bytes - this.#limits.logBytes);
  }

  /** Drops the oldest records until at least `bytes` are given back, or none is left. */
  shed(bytes: number): void {
    const goal = this.#bytes - bytes;
    while (this.#bytes > goal && this.#length > 0) this.#trimOldest();
  }

  /** Everything after `from`, or why that cannot be told: all or nothing, never a guess. */
  since(from: Position): Replay {
    if (from.epoch !== this.#epoch) return { kind: "gap" };
    if (from.revision > this.revision) return { kind: "future" };
    const behind = from.revision - this.#base.revision;
    if (behind < 0 || this.#tagAt(behind) !== from.tag) return { kind: "gap" };
    const records: LogRecord[] = [];
    for (let i = this.#start + behind; i < this.#kept.length; i++) records.push(this.#record(i));
    return { kind: "records", records };
  }

  /** The first revision from which on every commit is here. */
  get reaches(): number {
    return this.#base.revision + 1;
  }

  /**
   * What became of a key, newest first. Looks at the mark of each commit before a revision, some 100 a microsecond; the
   * commits themselves lie apart in memory, and to look at each would take a millisecond and more.
   */
  *historyOf(key: string, before: number): Generator<KeyChange> {
    const last = this.#start + Math.min(before, this.revision + 1) - this.#base.revision - 2;
    const wanted = markOf(key);
    for (let i = last; i >= this.#start; i--) {
      const mark = this.#marks[i];
      if (mark !== wanted && mark !== ANY) continue;
      const change = changeOf(this.#kept[i] as Kept, key);
      if (change !== null) yield change;
    }
  }

  /** The commit of a revision; null where it is not here. */
  recordAt(revision: number): LogRecord | null {
    const i = this.#indexOf(revision);
    return i >= this.#start && i < this.#kept.length ? this.#record(i) : null;
  }

  /** What the first commit to a key after a revision found there, null for nothing; undefined where there is no such commit. */
  replacedAfter(revision: number, key: string): Entry | null | undefined {
    const wanted = markOf(key);
    for (let i = this.#indexOf(revision) + 1; i < this.#kept.length; i++) {
      const mark = this.#marks[i];
      if (mark !== wanted && mark !== ANY) continue;
      if (changeOf(this.#kept[i] as Kept, key) === null) continue;
      return this.#record(i).replaced.find((entry) => entry.key === key) ?? null;
    }
    return undefined;
  }

  #indexOf(revision: number): number {
    return this.#start + revision - this.#base.revision - 1;
  }

  get #length(): number {
    return this.#kept.length - this.#start;
  }

  #record(i: number): LogRecord {
    const kept = this.#kept[i] as Kept;
    if ("puts" in kept) return kept;
    const replaced = this.#replaced[i];
    return {
      revision: kept.revision,
      tag: this.#tags[i] as number,
      at: kept.updatedAt,
      by: kept.updatedBy,
      puts: [kept],
      deletes: [],
      replaced: replaced === undefined ? [] : [replaced],
    };
  }

  /** Tag of the commit `behind` places after the base. */
  #tagAt(behind: number): number | undefined {
    return behind === 0 ? this.#base.tag : this.#tags[this.#start + behind - 1];
  }

  #trimOldest(): void {
    this.#base.revision = (this.#kept[this.#start] as Kept).revision;
    this.#base.tag = this.#tags[this.#start] as number;
    this.#bytes -= this.#sizes[this.#start] as number;
    this.#start++;
    // Compacting when half is waste makes trimming cost O(1) a record.
    if (this.#start * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#start);
    this.#tags = this.#tags.slice(this.#start);
    this.#replaced = this.#replaced.slice(this.#start);
    this.#sizes = this.#sizes.slice(this.#start);
    this.#marks = this.#marks.slice(this.#start);
    this.#start = 0;
  }
}

/** A number that only few other keys have, and never `ANY`. */
function markOf(key: string): number {
  let mark = 0;
  for (let i = 0; i < key.length; i++) mark = (mark * 31 + key.charCodeAt(i)) | 0;
  return mark === ANY ? 1 : mark;
}

function changeOf(kept: Kept, key: string): KeyChange | null {
  if (!("puts" in kept)) return kept.key === key ? told(kept) : null;
  const entry = kept.puts.find((put) => put.key === key);
  if (entry !== undefined) return told(entry);
  return kept.deletes.includes(key) ? { revision: kept.revision, at: kept.at, by: kept.by, value: null } : null;
}

function told({ revision, updatedAt, updatedBy, value }: Entry): KeyChange {
  return { revision, at: updatedAt, by: updatedBy, value };
}
