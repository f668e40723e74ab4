/**
 * What one run's clients saw: the words of a history, in the order in which the recorder heard them. The place of an
 * event in the list is its time: a logical clock, good for manual and for real time alike.
 *
 * In the shape of Porcupine (Wing and Gong's checker) and of etcd's robustness tests. Validators are sharpest when each
 * put of a run has a value of its own, and when a witness follows the engine (see `committed`).
 */

import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { SavedPosition, WatchState } from "../../client/sdk/types.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import type { Entry, LockMode, Position, Role } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Change } from "../../server/engine/port.ts";

export interface History {
  readonly events: readonly HistoryEvent[];
  /** So many of a room's last commits can always be replayed: a gap that loses fewer is wrong. Default: 0. */
  readonly logRecords?: number;
  /** Ms at each event, by a clock that never jumps. Without it nothing is said of what takes a certain time. */
  readonly times?: readonly number[];
  /** Ms for which a session outlives its connection. */
  readonly graceMs?: number;
}

export type Request =
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "read"; readonly keys: readonly string[] }
  | { readonly kind: "list"; readonly prefix: string; readonly after: string | null; readonly limit: number }
  | WriteRequest
  | LockRequest
  | { readonly kind: "unlock"; readonly keys: readonly string[] }
  | { readonly kind: "touch"; readonly key: string; readonly ttlMs: number | null }
  /** Only in rooms that have a witness: answered like a write. */
  | { readonly kind: "undo"; readonly revision: number }
  /** What became of the write with this operation id. */
  | { readonly kind: "status"; readonly op: string };

/** The revision is the entry's, 0 where it must not exist; `equals` is its value. */
export type Condition =
  | { readonly key: string; readonly revision: number }
  | { readonly key: string; readonly equals: string };

/** All of them or none. */
export interface LockRequest {
  readonly kind: "lock";
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly waitMs: number;
  readonly leaseMs: number | null;
  /** The client runs a function under it: until the next `unlock` of these keys it believes that it holds them. */
  readonly isSection?: true;
}

/** All or nothing. */
export interface WriteRequest {
  readonly kind: "write";
  readonly puts: readonly ({ readonly key: string; readonly value: string } & Lifetime)[];
  readonly deletes: readonly string[];
  readonly conditions: readonly Condition[];
  readonly fence?: number;
  /** Default: 0. */
  readonly waitMs?: number;
  /** Where a condition does not hold it is no `conflict`, but committed without a revision. */
  readonly isTransaction?: true;
}

/** Until `system` deletes it; and whether it goes with the session that put it. */
export interface Lifetime {
  readonly ttlMs?: number;
  readonly ephemeral?: boolean;
}

export type Answer =
  /** To `get`, with one entry, and to `read`: an entry or null for each key, and the room's revision where it is told. */
  | { readonly kind: "entries"; readonly entries: readonly (Entry | null)[]; readonly revision: number | null }
  | ({ readonly kind: "page" } & Output<"list">)
  /** `revision` is null where there was nothing to do; `version`, of the first put, is null where it is not told. */
  | { readonly kind: "committed"; readonly revision: number | null; readonly version: number | null }
  | { readonly kind: "granted"; readonly fence: number }
  | { readonly kind: "unlocked" }
  | { readonly kind: "touched"; readonly existed: boolean }
  | { readonly kind: "status"; readonly status: Output<"status"> };

/** `{}` is all keys. */
export interface WatchFilter {
  readonly key?: string;
  readonly prefix?: string;
}

/**
 * A call that is neither answered nor refused was open at the end. A write that is refused with `unknown_outcome` or
 * `internal`, or was open, may have happened, or may happen at any later time in this life of the server.
 */
export type HistoryEvent =
  /**
   * The client has this session from now on, and was told what an acknowledgement in it is worth. One whose id it had
   * before goes on.
   */
  | { readonly kind: "session"; readonly client: string; readonly durability: string; readonly id?: string }
  /**
   * As a witness at the server sees a session: it has a connection, it waits for one (from now on), or it is about to be
   * ended, by a logout or by the operator.
   */
  | { readonly kind: "presence"; readonly session: string; readonly state: "here" | "away" | "leaving" }
  /** `op` where the client itself gave the write's operation id: two calls with one id are one operation. */
  | {
      readonly kind: "invoked";
      readonly call: number;
      readonly client: string;
      readonly user: string;
      readonly room: string;
      readonly request: Request;
      readonly op?: string;
    }
  | { readonly kind: "answered"; readonly call: number; readonly answer: Answer }
  /** `op` as the error names it, with `unknown_outcome`. */
  | { readonly kind: "refused"; readonly call: number; readonly code: ErrorCode; readonly op?: string }
  /** The client is closed for good: what it refuses from now on was never decided by the server. */
  | { readonly kind: "gone"; readonly client: string }
  /** Room `*` is all rooms. Whoever iterates may take an event long after it came; a listener hears it at once. */
  | {
      readonly kind: "opened";
      readonly watch: number;
      readonly client: string;
      readonly user: string;
      readonly room: string;
      readonly filter: WatchFilter;
      readonly from: SavedPosition | null;
    }
  | { readonly kind: "told"; readonly watch: number; readonly event: WatchEvent; readonly by: "listener" | "iterator" }
  | { readonly kind: "state"; readonly watch: number; readonly state: WatchState; readonly why: string }
  /** The watch is over, because of this. */
  | { readonly kind: "failed"; readonly watch: number; readonly code: ErrorCode }
  /** The server has told the client that a request of its waits, or that it has lost locks. */
  | {
      readonly kind: "locks";
      readonly client: string;
      readonly room: string;
      readonly news: "waiting" | "lost";
      readonly keys: readonly string[];
    }
  /** How a room's locks stand, when nothing is under way any more and no wait can be left. Owners are sessions. */
  | {
      readonly kind: "rest";
      readonly room: string;
      readonly holders: readonly { readonly key: string; readonly owner: string }[];
      readonly waiters: readonly { readonly keys: readonly string[]; readonly owner: string }[];
    }
  /** Said at the end, when nothing is under way: this watch is live and must have been told everything. */
  | { readonly kind: "quiet"; readonly watch: number }
  /**
   * A user's role changes between `asked` and `answered`; `refused` where it surely did not. The role at the beginning is
   * `answered` at once.
   */
  | { readonly kind: "role"; readonly user: string; readonly role: Role; readonly phase: RolePhase }
  /**
   * Between `begun` and `done` everything in the room (null: in all rooms, by a restart of the server) was lost once, and
   * its next life began. Two losses of one room never overlap.
   */
  | { readonly kind: "lost"; readonly room: string | null; readonly phase: "begun" | "done" }
  /** The room as it was before the first event, where a run goes on from an earlier one. */
  | { readonly kind: "base"; readonly room: string; readonly position: Position; readonly entries: readonly Entry[] }
  /** A witness follows the engine: from here on all commits of this room are in the history. Before the first call. */
  | { readonly kind: "witnessed"; readonly room: string }
  /** The engine has committed, just now. Its author is no recorded user, or it belongs to one of the recorded calls. */
  | { readonly kind: "committed"; readonly room: string; readonly epoch: string; readonly change: Change };

type RolePhase = "asked" | "answered" | "refused";

export type EventOf<K extends HistoryEvent["kind"]> = Extract<HistoryEvent, { readonly kind: K }>;

/** A broken promise. */
export interface Violation {
  readonly validator: string;
  /** A sentence. */
  readonly what: string;
  /** Places in the history of the events that show it. */
  readonly at: readonly number[];
}

export interface Validator {
  readonly name: string;
  readonly validate: (history: History) => readonly Violation[];
}

/** Whether a write that was refused like this may have happened, or may still happen. */
export function isOpen(code: ErrorCode): boolean {
  return code === "unknown_outcome" || code === "internal";
}
