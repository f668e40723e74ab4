/**
 * The port between the domain and whatever keeps the rooms.
 *
 * An engine commits atomically, numbers revisions, keeps the change log and remembers operation ids.
 * It knows nothing of users, roles or connections. Everything it needs to decide an operation hangs on
 * that operation's room, so that an engine on several machines can decide it in one place.
 */
import type { Conflict, ErrorCode, LockHolder } from "../../protocol/errors.ts";
import type { Entry, KeyChange, Position } from "../../protocol/fields.ts";

/** Time as engines and the domain see it; tests move it by hand. */
export interface Clock {
  /** Wall time, in ms since 1970: for timestamps that people see. */
  now(): number;
  /** Ms that never jump: for durations. */
  monotonic(): number;
  /** Calls `run` once after `ms`; the returned function prevents it. */
  after(ms: number, run: () => void): () => void;
}

/** A write's id: the session's client id and a counter that rises. Names one write in one room. */
export interface OperationId {
  readonly client: string;
  readonly counter: number;
}

/** Holds when the key's entry has this revision, 0 when there is no such key; or when it has this value. */
export type Condition =
  | { readonly key: string; readonly revision: number }
  | { readonly key: string; readonly equals: string };

export type LockMode = "shared" | "exclusive";

/**
 * What an operation has to do with locks. A read needs shared locks on its keys, a write exclusive ones. Without any of
 * these fields a read minds no locks, and a write is refused with `locked` where another owner holds one in its way.
 */
export interface Claim {
  /** Of a live exclusive lock on every key that is changed: the write counts as its holder's. Else it is `stale_fence`. */
  readonly fence?: number;
  /** Ms for which the operation may wait for its locks; behind whoever came first. */
  readonly waitMs?: number;
  /** Keeps the locks, as `lock` would have taken them; where the operation is refused, it keeps none. */
  readonly hold?: boolean;
  /** Ms after which what is held is given up, unless it is taken again. */
  readonly leaseMs?: number;
}

/** Who asks, by whose locks nothing of his own is held up. */
export interface Asker {
  /** The author, for `updatedBy`, and to be named to those who wait. */
  readonly by: string;
  /** What locks and ephemeral keys belong to: a session's client id. Without one, all locks are others'. */
  readonly owner?: string;
  readonly claim?: Claim;
}

/** A value, and how long it stays. That belongs to the value: the next put of the key says anew. */
export interface Put {
  readonly key: string;
  readonly value: string;
  /** Ms until `system` deletes it. */
  readonly ttlMs?: number;
  /** Whether it goes when its owner does. */
  readonly ephemeral?: boolean;
}

/** All or nothing, one revision. No key may appear twice; one that deletes nothing and puts nothing commits nothing. */
export interface Commit extends Asker {
  readonly kind: "commit";
  readonly puts: readonly Put[];
  readonly deletes: readonly string[];
  readonly conditions: readonly Condition[];
  /** With an id, a repeat of the same commit is answered like the first and not run again. */
  readonly id?: OperationId;
}

/** What a transaction does to one key. */
export type Step = { readonly kind: "get" | "delete"; readonly key: string } | ({ readonly kind: "put" } & Put);

/**
 * Runs one of two lists of steps, in order, as one commit: `otherwise` where a condition does not hold. A `get` sees what the steps
 * before it have done. No list may change a key twice. Refused whole with `too_large` where what it gets is more than
 * `pageBytes` and more than one entry. As in etcd.
 */
export interface Transaction extends Asker {
  readonly kind: "transact";
  readonly conditions: readonly Condition[];
  readonly steps: readonly Step[];
  readonly otherwise: readonly Step[];
  /** With an id, a repeat is not run again, and answered like the first but without results. */
  readonly id?: OperationId;
}

/**
 * Makes undone what was changed at a revision: a commit of its own, refused with `conflict` where one of those keys is
 * not any more as it was left, with `not_found` where the log does not reach back.
 */
export interface Undo extends Asker {
  readonly kind: "undo";
  readonly revision: number;
  readonly id?: OperationId;
}

/** Has a key go after another time than its put said, or, with null, not by itself. Commits nothing. */
export interface Touch extends Asker {
  readonly kind: "touch";
  readonly key: string;
  readonly ttlMs: number | null;
  readonly id?: OperationId;
}

/** Takes all locks or none. What the owner holds already stays as it is, or rises from shared to exclusive. */
export interface Lock extends Asker {
  readonly kind: "lock";
  readonly keys: readonly string[];
  readonly mode: LockMode;
  /** A repeat keeps the place in the queue. */
  readonly id?: OperationId;
}

/** Gives up locks of the owner, and all his waits for any of them. */
export interface Unlock extends Asker {
  readonly kind: "unlock";
  readonly keys: readonly string[];
  readonly id?: OperationId;
}

/** What of a room's operations has an id. */
export type Write = Commit | Transaction | Undo | Touch | Lock | Unlock;

export type Operation =
  | Write
  /** Refused with `too_large` where that is more than `pageBytes` and more than one entry. */
  | ({ readonly kind: "read"; readonly keys: readonly string[] } & Partial<Asker>)
  /** An entry as it was at a revision. Refused with `not_found` where the log does not reach back so far. */
  | { readonly kind: "at"; readonly key: string; readonly revision: number }
  /** Who holds locks and who waits for them; so many keys of each at most, but at least one of each. */
  | { readonly kind: "locks"; readonly limit: number }
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
  /** Of the locks that are kept. */
  readonly fence?: number;
}

export interface Granted {
  readonly kind: "granted";
  readonly fence: number;
}

/** `expiresAt`, in ms since 1970, is null where the key does not go by itself. */
export interface Touched {
  readonly kind: "touched";
  readonly existed: boolean;
  readonly expiresAt: number | null;
}

/** A lock that somebody holds. */
export interface Holder {
  readonly key: string;
  readonly mode: LockMode;
  readonly user: string;
  readonly owner: string;
  /** Ms since 1970. */
  readonly since: number;
  /** The newest. */
  readonly fence: number;
}

/** Somebody who waits for locks. */
export interface Waiter {
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly user: string;
  readonly owner: string;
  /** Ms since 1970. */
  readonly since: number;
  /** Some of those for whom he waits, each once. */
  readonly behind: readonly string[];
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
  /** With `locked`: one that is in the way. */
  readonly holder?: LockHolder;
}

/** The operation waits for locks of others; nothing behind it waits for that. */
export interface Parked {
  readonly kind: "parked";
  /** Its outcome in the end. Never rejects. */
  readonly settled: Promise<Outcome>;
}

export type Outcome =
  | Committed
  | Transacted
  | Touched
  | Granted
  | { readonly kind: "unlocked" }
  | {
      readonly kind: "locks";
      readonly holders: readonly Holder[];
      readonly waiters: readonly Waiter[];
      readonly more: boolean;
    }
  | Parked
  | Refused
  | {
      readonly kind: "entries";
      readonly entries: readonly (Entry | null)[];
      readonly revision: number;
      /** Of the locks that are kept. */
      readonly fence?: number;
    }
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

/** Why a lock was lost that nobody gave up: its lease was over, it was taken away, or the room is gone. */
export type LossReason = "lease" | "revoked" | "deleted";

/** What happens to an owner's locks without his asking, and what concerns all who look at a room's locks. */
export type LockNews =
  | { readonly kind: "waiting"; readonly room: string; readonly waiter: Waiter }
  | {
      readonly kind: "granted";
      readonly room: string;
      readonly owner: string;
      readonly keys: readonly string[];
      readonly mode: LockMode;
      readonly fence: number;
    }
  | {
      readonly kind: "lost";
      readonly room: string;
      readonly owner: string;
      readonly keys: readonly string[];
      readonly reason: LossReason;
    }
  /** The room's list of locks is another now. */
  | { readonly kind: "moved"; readonly room: string };

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
  /**
   * Takes from an owner what he holds and waits for, in all rooms but one.
   * @param but the room in which he keeps it; none if omitted
   */
  revokeLocks(owner: string, but?: string): Promise<void>;
  /** Forgets a session that has ended: its operation ids, its locks and waits; and deletes its ephemeral keys, by `system`. */
  forgetClient(client: string): Promise<void>;
  /** Has the listener told of all locks from now on. Must not throw. The returned function stops it. */
  onLocks(listener: (news: LockNews) => void): () => void;
  /** Nothing expires from now on, and nobody waits any longer: what waits is `unavailable`. */
  close(): void;
}
