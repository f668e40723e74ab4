/**
 * The port between the domain and whatever keeps the rooms.
 *
 * An engine commits atomically, numbers revisions, keeps the change log and remembers operation ids.
 * It knows nothing of users, roles or connections. Everything it needs to decide an operation hangs on
 * that operation's room, so that an engine on several machines can decide it in one place.
 */
import type { Conflict, ErrorCode } from "../../protocol/errors.ts";
import type { Entry, KeyChange, Position } from "../../protocol/fields.ts";

/** A write's id: the session's client id and a counter that rises. Names one write in one room. */
export interface OperationId {
  readonly client: string;
  readonly counter: number;
}

/** Holds when the key's entry has this revision, 0 when there is no such key; or when it has this value. */
export type Condition =
  | { readonly key: string; readonly revision: number }
  | { readonly key: string; readonly equals: string };

/** All or nothing, one revision. No key may appear twice; one that deletes nothing and puts nothing commits nothing. */
export interface Commit {
  readonly kind: "commit";
  /** The author, for `updatedBy`. */
  readonly by: string;
  readonly puts: readonly { readonly key: string; readonly value: string }[];
  readonly deletes: readonly string[];
  readonly conditions: readonly Condition[];
  /** With an id, a repeat of the same commit is answered like the first and not run again. */
  readonly id?: OperationId;
}

/** What a transaction does to one key. */
export type Step =
  | { readonly kind: "get" | "delete"; readonly key: string }
  | { readonly kind: "put"; readonly key: string; readonly value: string };

/**
 * Runs one of two lists of steps, in order, as one commit: `otherwise` where a condition does not hold. A `get` sees what the steps
 * before it have done. No list may change a key twice. Refused whole with `too_large` where what it gets is more than
 * `pageBytes` and more than one entry. As in etcd.
 */
export interface Transaction {
  readonly kind: "transact";
  readonly by: string;
  readonly conditions: readonly Condition[];
  readonly steps: readonly Step[];
  readonly otherwise: readonly Step[];
  /** With an id, a repeat is not run again, and answered like the first but without results. */
  readonly id?: OperationId;
}

export type Operation =
  | Commit
  | Transaction
  /** Refused with `too_large` where that is more than `pageBytes` and more than one entry. */
  | { readonly kind: "read"; readonly keys: readonly string[] }
  | {
      readonly kind: "list";
      readonly prefix: string;
      /** Only keys behind this one, in the order of UTF-8 bytes. */
      readonly after?: string;
      /** Entries at most; an engine may answer fewer to keep the page within `pageBytes`, but at least one. */
      readonly limit: number;
    }
  /** The part of the room as it is, in one piece: entries are shared, so that this costs no copy. */
  | { readonly kind: "snapshot"; readonly filter: Filter }
  | { readonly kind: "replay"; readonly from: Position }
  /** What the log still holds of one key. */
  | {
      readonly kind: "history";
      readonly key: string;
      /** Only changes before this revision; Infinity for all. */
      readonly before: number;
      /** Changes at most; an engine may answer fewer to keep the page within `pageBytes`, but at least one. */
      readonly limit: number;
    }
  | { readonly kind: "status"; readonly id: OperationId };

/** What part of a room is asked for: all of it, a key, or the keys with a prefix. */
export type Filter =
  | { readonly kind: "all" }
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "prefix"; readonly prefix: string };

/** One commit, as the log keeps it and watchers will see it. */
export interface Change {
  readonly revision: number;
  /** The commit's id in this life of the log: tells a revision from one that was lost and used again. */
  readonly tag: number;
  /** Ms since 1970. */
  readonly at: number;
  readonly by: string;
  readonly puts: readonly Entry[];
  readonly deletes: readonly string[];
}

/** A change and the entries it replaced or deleted: what history and undo need; never pushed. */
export interface LogRecord extends Change {
  readonly replaced: readonly Entry[];
}

/** `revision` is null when there was nothing to do; `version` is that of the first put, 0 without one. */
export interface Committed {
  readonly kind: "committed";
  readonly revision: number | null;
  readonly version: number;
}

/** What became of one step. */
export type StepResult =
  | { readonly kind: "got"; readonly entry: Entry | null }
  | { readonly kind: "put"; readonly version: number }
  | { readonly kind: "deleted"; readonly existed: boolean };

/** `revision` is null when nothing was changed; `results`, one for each step, when this answers a repeat. */
export interface Transacted {
  readonly kind: "transacted";
  /** Whether the conditions held. */
  readonly succeeded: boolean;
  readonly revision: number | null;
  readonly results: readonly StepResult[] | null;
}

/** An answer that changed nothing. */
export interface Refused {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  /** Where a condition did not hold, unless this answers a repeat. */
  readonly conflict?: Conflict;
}

export type Outcome =
  | Committed
  | Transacted
  | Refused
  | { readonly kind: "entries"; readonly entries: readonly (Entry | null)[]; readonly revision: number }
  | { readonly kind: "page"; readonly entries: readonly Entry[]; readonly more: boolean; readonly position: Position }
  | { readonly kind: "snapshot"; readonly entries: readonly Entry[]; readonly position: Position }
  /** Every change after the asked position, up to `position`. */
  | { readonly kind: "replayed"; readonly records: readonly LogRecord[]; readonly position: Position }
  /** Newest first, and whether the log holds older ones; it holds every change from the revision `reaches` on. */
  | {
      readonly kind: "history";
      readonly changes: readonly KeyChange[];
      readonly more: boolean;
      readonly reaches: number;
      readonly position: Position;
    }
  /** The log cannot bridge from the asked position: it was trimmed, or it is another life of the room. */
  | { readonly kind: "gap" }
  | { readonly kind: "status"; readonly status: OperationStatus };

/** `never` is a promise: from then on the operation is refused. `unknown`: no longer, or not yet, to be told. */
export type OperationStatus =
  | { readonly state: "committed"; readonly revision: number | null }
  | { readonly state: "refused"; readonly code: ErrorCode }
  | { readonly state: "never" }
  | { readonly state: "unknown" };

/** Somebody who is told of a room's life. Must not throw. */
export interface Follower {
  committed(change: Change, position: Position): void;
  /** The room and its log are gone. */
  deleted(): void;
}

export interface Engine {
  /** What `committed` means: `memory`, the change is lost when the process ends. */
  readonly durability: "memory";
  /**
   * Runs a batch in order against one room; one outcome for each operation, a refused one does not stop the rest.
   * Batches for one room are applied in the order of the calls. Rejects only when the engine itself fails.
   */
  run(room: string, batch: readonly Operation[]): Promise<readonly Outcome[]>;
  /** How many keys each room has; 0 for one that does not exist. */
  keyCounts(rooms: readonly string[]): Promise<readonly number[]>;
  /**
   * Commits the deletion of every key, by `system`, if there is any; then forgets the room, its log and its epoch.
   * Followers hear of both.
   */
  deleteRoom(room: string): Promise<void>;
  /**
   * Tells of everything that happens to the room after the call, in the log's order and without a hole.
   * The returned function stops it.
   */
  follow(room: string, follower: Follower): () => void;
  /** Forgets how a session's operations up to a counter ended: a repeat of one is `unknown_outcome` from then on. */
  settle(client: string, upTo: number): Promise<void>;
  /** Forgets the operation ids of a session that has ended. */
  forgetClient(client: string): Promise<void>;
}
