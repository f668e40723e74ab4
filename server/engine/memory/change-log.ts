import type { Position } from "../../../protocol/fields.ts";
import type { RoomLimits } from "../../../protocol/limits.ts";
import type { LogRecord } from "../port.ts";

/** What a log can say to somebody who stands at a position. */
export type Replay =
  | { readonly kind: "records"; readonly records: readonly LogRecord[] }
  | { readonly kind: "gap" | "future" };

/**
 * The last commits of one life of a room, oldest first, bounded by count and bytes.
 *
 *     base ── records[start] ── … ── records[end - 1] = newest
 *
 * The base is the place before the oldest record; with its tag kept, a client that stands exactly there
 * can still be told from one that stands at a revision which was lost and used again.
 */
export class ChangeLog {
  readonly #epoch: string;
  readonly #limits: Pick<RoomLimits, "logRecords" | "logBytes">;
  #base: Position;
  #records: LogRecord[] = [];
  /** Estimated bytes of each record. */
  #sizes: number[] = [];
  /** Index of the oldest record: those before it are trimmed and wait for compaction. */
  #start = 0;
  #bytes = 0;

  constructor(epoch: string, birthTag: number, limits: Pick<RoomLimits, "logRecords" | "logBytes">) {
    this.#epoch = epoch;
    this.#base = { epoch, revision: 0, tag: birthTag };
    this.#limits = limits;
  }

  /** Estimated bytes of all records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The place after the newest record. */
  get position(): Position {
    const newest = this.#records.at(-1);
    return newest === undefined ? this.#base : { epoch: this.#epoch, revision: newest.revision, tag: newest.tag };
  }

  /** @param bytes the estimated size of the record */
  append(record: LogRecord, bytes: number): void {
    this.#records.push(record);
    this.#sizes.push(bytes);
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
    if (from.revision > this.position.revision) return { kind: "future" };
    const behind = from.revision - this.#base.revision;
    if (behind < 0 || this.#tagAt(behind) !== from.tag) return { kind: "gap" };
    return { kind: "records", records: this.#records.slice(this.#start + behind) };
  }

  get #length(): number {
    return this.#records.length - this.#start;
  }

  /** Tag of the commit `behind` places after the base. */
  #tagAt(behind: number): number | undefined {
    return behind === 0 ? this.#base.tag : this.#records[this.#start + behind - 1]?.tag;
  }

  #trimOldest(): void {
    const oldest = this.#records[this.#start] as LogRecord;
    this.#base = { epoch: this.#epoch, revision: oldest.revision, tag: oldest.tag };
    this.#bytes -= this.#sizes[this.#start] as number;
    this.#start++;
    // Compacting when half is waste makes trimming cost O(1) a record.
    if (this.#start * 2 < this.#records.length) return;
    this.#records = this.#records.slice(this.#start);
    this.#sizes = this.#sizes.slice(this.#start);
    this.#start = 0;
  }
}
