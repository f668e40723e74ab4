import type { Entry, KeyChange, Position } from "../../../protocol/fields.ts";
import { FIXED_LIMITS, type RoomLimits } from "../../../protocol/limits.ts";
import type {
  Commit,
  Committed,
  Filter,
  LogRecord,
  Outcome,
  Put,
  Refused,
  Touch,
  Touched,
  Transacted,
  Transaction,
  Undo,
} from "../port.ts";
import { ChangeLog, type Replay } from "./change-log.ts";
import { refusalOf, violation } from "./conditions.ts";
import { KeyIndex } from "./key-index.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { entryBytes, OVERHEAD_BYTES, textBytes } from "./sizes.ts";
import { changesOf, resultsOf, tooMuch } from "./steps.ts";
import { inverse } from "./undo.ts";

/** The engine's budget for all rooms. Entries are refused beyond it; logs give way to them. */
export interface Budget {
  readonly limit: number;
  /** Estimated bytes of all rooms' entries. */
  entries: number;
  /** Estimated bytes of all rooms' logs. */
  logs: number;
  /** Has the largest logs drop their oldest records, at least so many bytes of them. */
  relieve(bytes: number): void;
}

/** One life of a room: its entries, its revision and its log. */
export class MemoryRoom {
  readonly name: string;
  readonly #limits: RoomLimits;
  readonly #budget: Budget;
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new KeyIndex();
  readonly #log: ChangeLog;
  readonly #lifetimes: Lifetimes<MemoryRoom>;
  readonly #committed: (record: LogRecord) => void;
  /** UTF-8 bytes of all keys and values. */
  #textBytes = 0;
  /** Estimated bytes that the entries take. */
  #entryBytes = 0;
  /** This room's part of the budget. */
  readonly #charged = { entries: 0, logs: 0 };

  /** @param committed is called with each commit, when it is in the log */
  constructor(
    name: string,
    epoch: string,
    birthTag: number,
    limits: RoomLimits,
    budget: Budget,
    lifetimes: Lifetimes<MemoryRoom>,
    committed: (record: LogRecord) => void,
  ) {
    this.name = name;
    this.#lifetimes = lifetimes;
    this.#committed = committed;
    this.#limits = limits;
    this.#budget = budget;
    this.#log = new ChangeLog(epoch, birthTag, limits);
  }

  get size(): number {
    return this.#entries.size;
  }

  get position(): Position {
    return this.#log.position;
  }

  read(keys: readonly string[]): Outcome {
    const entries = keys.map(this.#read);
    return tooMuch(entries) ?? { kind: "entries", entries, revision: this.#log.revision };
  }

  readonly #read = (key: string): Entry | null => this.#entries.get(key) ?? null;

  replay(from: Position): Replay {
    return this.#log.since(from);
  }

  /** The entries of a part, in no promised order. */
  snapshot(filter: Filter): Entry[] {
    switch (filter.kind) {
      case "all":
        return [...this.#entries.values()];
      case "key": {
        const entry = this.#entries.get(filter.key);
        return entry === undefined ? [] : [entry];
      }
      case "prefix":
        return Array.from(this.#keys.range(filter.prefix), (key) => this.#entries.get(key) as Entry);
    }
  }

  list(prefix: string, after: string | undefined, limit: number): Outcome {
    const entries: Entry[] = [];
    let bytes = 0;
    let more = false;
    for (const key of this.#keys.range(prefix, after)) {
      const entry = this.#entries.get(key) as Entry;
      bytes += entryBytes(entry);
      more = entries.length === limit || (bytes > FIXED_LIMITS.pageBytes && entries.length > 0);
      if (more) break;
      entries.push(entry);
    }
    return { kind: "page", entries, more, position: this.position };
  }

  history(key: string, before: number, limit: number): Outcome {
    const changes: KeyChange[] = [];
    let bytes = 0;
    let more = false;
    for (const change of this.#log.historyOf(key, before)) {
      bytes += Buffer.byteLength(change.value ?? "") + OVERHEAD_BYTES;
      more = changes.length === limit || (bytes > FIXED_LIMITS.pageBytes && changes.length > 0);
      if (more) break;
      changes.push(change);
    }
    return { kind: "history", changes, more, reaches: this.#log.reaches, position: this.position };
  }

  /** Commits, or says why not. The tag and the time are used only if something is committed. */
  commit(commit: Commit, tag: number, at: number): Committed | Refused {
    const record = this.#draft(commit, tag, at);
    const effect = effectOf(record);
    const conflict = violation(commit.conditions, this.#read);
    if (conflict !== null) return refusalOf(conflict, commit.conditions);
    const refusal = this.#overfull(effect);
    if (refusal !== null) return refusal;
    const revision = this.#apply(record, effect, commit.puts, commit.owner);
    return { kind: "committed", revision, version: record.puts[0]?.version ?? 0 };
  }

  /** As `commit`. */
  transact(transaction: Transaction, tag: number, at: number): Transacted | Refused {
    const { by, owner, conditions, steps: asked, otherwise } = transaction;
    const succeeded = violation(conditions, this.#read) === null;
    const steps = succeeded ? asked : otherwise;
    const changes = changesOf(steps);
    const record = this.#draft({ by, ...changes }, tag, at);
    const results = resultsOf(steps, record, this.#read);
    const effect = effectOf(record);
    const got = results.map((result) => (result.kind === "got" ? result.entry : null));
    const refusal = tooMuch(got) ?? this.#overfull(effect);
    if (refusal !== null) return refusal;
    return { kind: "transacted", succeeded, revision: this.#apply(record, effect, changes.puts, owner), results };
  }

  touch({ key, ttlMs }: Touch, at: number): Touched {
    const { expiresAt: _, ...entry } = this.#entries.get(key) ?? NO_ENTRY;
    if (entry.version === 0) return { kind: "touched", existed: false, expiresAt: null };
    const expiresAt = ttlMs === null ? null : at + ttlMs;
    this.#entries.set(key, expiresAt === null ? entry : { ...entry, expiresAt });
    this.#lifetimes.prolong(this, key, ttlMs);
    return { kind: "touched", existed: true, expiresAt };
  }

  /** The commit that undoes another, or why there is none. */
  inverseOf(undo: Undo): Commit | Refused {
    const record = this.#log.recordAt(undo.revision);
    if (record === null) return this.#outOfReach(undo.revision);
    const bytes = record.replaced.reduce((sum, entry) => sum + entryBytes(entry), 0);
    if (bytes <= FIXED_LIMITS.frameBytes) return inverse(record, undo);
    const message = `What revision ${undo.revision} has replaced is more than one message may hold. Put the keys one by one.`;
    return { kind: "refused", code: "too_large", message };
  }

  /** A key as it was after a commit. */
  at(key: string, revision: number): Outcome {
    if (revision > this.#log.revision || revision < this.#log.reaches - 1) return this.#outOfReach(revision);
    const replaced = this.#log.replacedAfter(revision, key);
    return { kind: "entries", entries: [replaced === undefined ? this.#read(key) : replaced], revision };
  }

  #outOfReach(revision: number): Refused {
    const { revision: newest, reaches } = this.#log;
    if (revision > newest) {
      const message = `The room has not reached revision ${revision}; it is at ${newest}.`;
      return { kind: "refused", code: "future_position", message };
    }
    const known = reaches > newest ? "knows nothing of the past any more" : `reaches back to revision ${reaches}`;
    return { kind: "refused", code: "not_found", message: `The log ${known}, and not to ${revision}.` };
  }

  /** What the log would say of the commit. */
  #draft(
    { by, puts: asked, deletes: named }: Pick<Commit, "by" | "puts" | "deletes">,
    tag: number,
    at: number,
  ): LogRecord {
    const revision = this.#log.revision + 1;
    const replaced: Entry[] = [];
    const puts = asked.map((put) => {
      const version = this.#replace(put.key, replaced) + 1;
      const entry = { key: put.key, value: put.value, revision, version, updatedAt: at, updatedBy: by };
      return put.ttlMs === undefined && put.ephemeral !== true ? entry : { ...entry, ...lifeOf(put, at) };
    });
    const deletes = named.length === 0 ? NOTHING : named.filter((key) => this.#replace(key, replaced) > 0);
    // Copied to its exact length: what is pushed to keeps room for more, and the log keeps all that.
    return { revision, tag, at, by, puts, deletes, replaced: replaced.length === 0 ? NOTHING : [...replaced] };
  }

  /** Adds the key's entry, if there is one, and tells its version; 0 if there is none. */
  #replace(key: string, replaced: Entry[]): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    replaced.push(entry);
    return entry.version;
  }

  /** Gives the room's part of the budget back; it is empty, and must not be used afterwards. */
  drop(): void {
    this.#charge(0, 0);
  }

  get logBytes(): number {
    return this.#log.bytes;
  }

  /** Has the log drop its oldest records, at least so many bytes of them. */
  shedLog(bytes: number): void {
    this.#log.shed(bytes);
    this.#charge(this.#entryBytes, this.#log.bytes);
  }

  /** The refusal for the first limit that the commit would break; giving space back is always allowed. */
  #overfull({ keys, grown }: Effect): Refused | null {
    if (keys > 0 && this.#entries.size + keys > this.#limits.roomKeys) {
      return this.#full(`would have more than ${this.#limits.roomKeys} keys`);
    }
    if (grown > 0 && this.#textBytes + grown > this.#limits.roomBytes) {
      return this.#full(`would hold more than ${this.#limits.roomBytes} bytes`);
    }
    const taken = grown + keys * OVERHEAD_BYTES;
    // Logs do not count: they give way, so that what was deleted makes room at once.
    if (taken > 0 && this.#budget.entries + taken > this.#budget.limit) {
      return { kind: "refused", code: "quota", message: "The server is full. Delete what is not needed any more." };
    }
    return null;
  }

  #full(why: string): Refused {
    const message = `The room ${this.name} ${why}. Delete what is not needed any more.`;
    return { kind: "refused", code: "quota", message };
  }

  /** The revision; null where there is nothing to do. */
  #apply(
    record: LogRecord,
    { keys, grown, recordBytes }: Effect,
    asked: readonly Put[],
    owner: string | undefined,
  ): number | null {
    if (record.puts.length === 0 && record.deletes.length === 0) return null;
    if (this.#lifetimes.has(this)) for (const { key } of record.replaced) this.#lifetimes.end(this, key);
    for (const put of asked) {
      if (put.ttlMs !== undefined || put.ephemeral === true) this.#lifetimes.begin(this, put, owner);
    }
    for (const entry of record.puts) {
      if (entry.version === 1) this.#keys.add(entry.key);
      this.#entries.set(entry.key, entry);
    }
    for (const key of record.deletes) {
      this.#entries.delete(key);
      this.#keys.remove(key);
    }
    this.#textBytes += grown;
    this.#entryBytes += grown + keys * OVERHEAD_BYTES;
    this.#log.append(record, recordBytes);
    this.#charge(this.#entryBytes, this.#log.bytes);
    this.#makeRoom();
    this.#committed(record);
    return record.revision;
  }

  /** Whoever writes pays first, with the past of his own room; then those whose past is largest. */
  #makeRoom(): void {
    if (this.#excess > 0) this.shedLog(this.#excess);
    if (this.#excess > 0) this.#budget.relieve(this.#excess);
  }

  /** Bytes above the budget. */
  get #excess(): number {
    return this.#budget.entries + this.#budget.logs - this.#budget.limit;
  }

  /** Brings the budget up to date. */
  #charge(entries: number, logs: number): void {
    this.#budget.entries += entries - this.#charged.entries;
    this.#budget.logs += logs - this.#charged.logs;
    this.#charged.entries = entries;
    this.#charged.logs = logs;
  }
}

/** What a commit would change; measured once, because counting bytes is most of what a small commit costs. */
interface Effect {
  /** Keys more. */
  readonly keys: number;
  /** UTF-8 bytes of keys and values more. */
  readonly grown: number;
  /** Estimated bytes that the log's record takes, as if it shared nothing with the room's entries. */
  readonly recordBytes: number;
}

function effectOf({ puts, deletes, replaced }: LogRecord): Effect {
  let added = 0;
  let freed = 0;
  let named = 0;
  for (const { key, value } of puts) added += textBytes(key, value);
  for (const { key, value } of replaced) freed += textBytes(key, value);
  for (const key of deletes) named += Buffer.byteLength(key);
  const created = puts.length + deletes.length - replaced.length;
  return {
    keys: created - deletes.length,
    grown: added - freed,
    recordBytes: added + freed + named + OVERHEAD_BYTES * (1 + puts.length + replaced.length),
  };
}

function lifeOf({ ttlMs, ephemeral }: Put, at: number): Pick<Entry, "expiresAt" | "ephemeral"> {
  return {
    ...(ttlMs === undefined ? {} : { expiresAt: at + ttlMs }),
    ...(ephemeral === true ? { ephemeral } : {}),
  };
}

const NO_ENTRY: Entry = { key: "", value: "", revision: 0, version: 0, updatedAt: 0, updatedBy: "" };
const NOTHING: readonly never[] = [];
