/** What a program sees of a store. */
import type { Entry, LockMode, Position, Role } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { WatchEvent } from "./replica.ts";

export interface ConnectOptions {
  /** Without a name the server makes the client an anonymous guest, where it allows that. */
  readonly user?: string;
  /** Kept in memory only, for a sign-in after the token was refused. */
  readonly password?: string;
  /** From an earlier session's `token`; goes before the password. */
  readonly token?: string;
  /**
   * Ms within which `connect` and each request settle: 1 to 2,147,483,647.
   * @default 10_000
   */
  readonly deadlineMs?: number;
  /**
   * Whether `connect` tries again when the server cannot be reached or says that it is busy, until the deadline.
   * Once connected, a lost connection is always restored.
   * @default true
   */
  readonly retry?: boolean;
  /**
   * Socket.IO transports, in the order in which they are tried.
   * @default ["websocket", "polling"]
   */
  readonly transports?: readonly ("websocket" | "polling")[];
  /** PEM certificates to trust beside the system's, for a server with its own (Node only). */
  readonly ca?: string;
}

/** What a write has to do with locks: without any of these it is refused with `locked` where others hold one in its way. */
export interface ClaimOptions {
  /** Of a live exclusive lock on every key that is changed: it counts as its holder's. Else it is `stale_fence`. */
  readonly fence?: number;
  /**
   * Ms for which it may wait for the locks of others, at most 60,000; that much later is its deadline. Nothing that is
   * asked later waits for it.
   * @default 0
   */
  readonly waitMs?: number;
}

/** Keeps the locks that the request needs: a read shared ones, a write exclusive ones. */
export interface HoldOptions {
  readonly hold?: boolean;
  /** Ms after which what is held is given up, unless it is taken again. */
  readonly leaseMs?: number;
}

export interface WriteOptions extends ClaimOptions {
  /** Write only if the entry is at this revision; 0 means that it must not exist. */
  readonly ifRevision?: number;
}

/** How long a value stays; the next put of the key says anew. */
export interface Lifetime {
  /** Ms until `system` deletes it. */
  readonly ttlMs?: number;
  /**
   * Whether it goes with the session that puts it: at `logout`, or when that was away for longer than its grace
   * (`graceMs` of the session), also behind `close` and the end of the program.
   */
  readonly ephemeral?: boolean;
}

export interface LockOptions {
  /** @default "exclusive" */
  readonly mode?: LockMode;
  /**
   * Ms to wait for those who hold the keys or came first, at most 60,000; that much later is the deadline.
   * @default 0
   */
  readonly waitMs?: number;
  /** Ms after which the locks are given up, unless they are taken again. */
  readonly leaseMs?: number;
}

/** What a function knows that runs under locks. */
export interface HeldLock {
  readonly keys: readonly string[];
  /** Of an exclusive lock, to be given to the writes, from wherever they are sent: they are refused once it is lost. */
  readonly fence: number;
  /** Fires when the lock is lost; its `reason` is the KeyroomError `stale_fence` that says why. */
  readonly signal: AbortSignal;
}

/** Who holds locks in a room, and who waits for some; `mine`: this very session. */
export type LockList = Output<"locks">;

/**
 * Of one key: that its entry is at this revision (0: there is none), that there is none, or that it has this value.
 */
export type Condition =
  | { readonly key: string; readonly revision: number }
  | { readonly key: string; readonly absent: true }
  | { readonly key: string; readonly equals: string };

/** Names no key twice, and at least one. */
export interface Changes {
  readonly puts?: readonly ({ readonly key: string; readonly value: string } & Lifetime)[];
  readonly deletes?: readonly string[];
  /** All have to hold, or nothing is changed. */
  readonly if?: readonly Condition[];
}

/** What a transaction does to one key. */
export type Step =
  | { readonly get: string }
  | ({ readonly put: string; readonly value: string } & Lifetime)
  | { readonly delete: string };

/** No list may change a key twice. */
export interface Transaction {
  readonly if?: readonly Condition[];
  /** Where all conditions hold. */
  readonly then: readonly Step[];
  /** Otherwise. */
  readonly else?: readonly Step[];
}

export interface ListOptions {
  readonly prefix?: string;
  /** Only keys behind this one, in the order of UTF-8 bytes. */
  readonly after?: string;
  /** @default 1000, which is also the most */
  readonly limit?: number;
}

export interface HistoryOptions {
  /** Only changes before this revision: to go on, that of the last one that came. */
  readonly before?: number;
  /** @default 1000, which is also the most */
  readonly limit?: number;
}

/** What a watch can begin from: a position of one room, or one for each room of a watch of all. */
export type SavedPosition = Position | Readonly<Record<string, Position>>;

export type WatchOptions = {
  /** Only this key. */
  readonly key?: string;
  /** Only keys that begin like this. */
  readonly prefix?: string;
} & (WatchFrom | WatchKeeping);

interface WatchFrom {
  /** Where an earlier watch of the same question stood: its `position`. Without it, everything that is there comes first. */
  readonly from?: SavedPosition;
  readonly entries?: false;
}

/** Only from the beginning: what was there at a saved position is not told again. */
interface WatchKeeping {
  readonly from?: never;
  /** Keeps what there is in the watch's `entries`. */
  readonly entries: true;
}

/**
 * `connecting`: no answer yet. `live`: every change comes as it happens. `resuming`: the connection is lost or silent, or
 * the watch has to wait; what happens meanwhile will come. `gap`: the server's log did not reach back; the difference is being told. `closed`: for good.
 */
export type WatchState = "connecting" | "live" | "resuming" | "gap" | "closed";

export interface WatchListeners {
  event: (event: WatchEvent) => void;
  /** The state, and why it is not `live`, in a sentence; told again when only the reason is another. */
  state: (state: WatchState, why: string) => void;
}

/**
 * A standing question. Its events come in order, once, without a hole, through any number of reconnects; see
 * `WatchEvent`. They go to the listeners; while there are none, they wait for whoever iterates, or for the first
 * listener. When more than 10,000 events or 16 MiB wait, the server is asked to stop, and to go on when they are taken.
 *
 * The end of a watched room is its last event, behind which an iteration ends; whatever else ends the watch is thrown to
 * whoever iterates: `forbidden` when the right to it is lost.
 */
export interface Watch extends AsyncIterable<WatchEvent> {
  readonly state: WatchState;
  /** Behind the last event that was handed out: to be saved, and given as `from` to a later watch. */
  readonly position: SavedPosition | null;
  /**
   * Of a watch that was opened with `entries: true`: what there is in its room by key, as of the last event that was
   * handed out. Always the same map, which changes with each event; empty for a watch of all rooms, see `rooms`.
   * @throws KeyroomError `invalid` where it was opened without
   */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The same by room, for a watch of all rooms: those that have begun and are there. */
  readonly rooms: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
  /** Ends it; an iteration ends when what waits is taken. */
  close(): void;
  /** Listens; the returned function stops it. */
  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void;
}

/** One room's keys. All calls reject with a `KeyroomError`. */
export interface Room {
  /** The entry, or null; with `revision`, as it was then: `not_found` where the room's log does not reach back so far. */
  get(key: string, options?: { readonly revision?: number }): Promise<Entry | null>;
  put(key: string, value: string, options?: WriteOptions & Lifetime): Promise<Output<"put">>;
  delete(key: string, options?: WriteOptions): Promise<Output<"delete">>;
  /**
   * The entries of several keys as they were at one moment, in the order of the keys, and the revision at which the room
   * stood; keys that are not there are left out. `too_large` where they are several and take more than about 1 MiB.
   */
  read(keys: readonly string[], options?: HoldOptions & Pick<ClaimOptions, "waitMs">): Promise<Output<"read">>;
  /**
   * Changes several keys in one commit, all or none. The revision is null where nothing was there to delete. The
   * `conflict` of a `conflict` tells which of the conditions did not hold.
   */
  write(changes: Changes, options?: ClaimOptions & HoldOptions): Promise<Output<"write">>;
  /**
   * Runs one of two lists of steps in one commit. A `get` sees what the steps before it have done. The results are, step
   * by step, what `get`, `put` and `delete` answer; null where the first answer was lost with the connection: then it
   * has happened, and what was read has to be read again.
   */
  transact(transaction: Transaction, options?: ClaimOptions): Promise<Output<"transact">>;
  /**
   * Makes undone what was changed at a revision, as a change of its own: `conflict` where one of those keys is not any
   * more as it was left, `not_found` where the log does not reach back so far, `future_position` where the room has not
   * come so far.
   */
  undo(revision: number, options?: ClaimOptions): Promise<Output<"undo">>;
  /** Has a key go after so many ms from now instead of when its put said, or, with null, not by itself. */
  touch(key: string, ttlMs: number | null, options?: ClaimOptions): Promise<Output<"touch">>;
  /**
   * Takes locks on all of the keys, or on none. They are this session's and survive its reconnects within the grace; what
   * it holds already stays. Neither `close` nor the end of the program gives them up before the grace is over: `unlock`
   * does, as does a `withLock` on the key behind itself. `locked` where others hold one and the wait is over,
   * `conflict` where a wait would never end, as each would wait for the other. The fence rises with each grant: give
   * that of an exclusive lock to the writes, which are refused once it is lost.
   */
  lock(keys: readonly string[], options?: LockOptions): Promise<Output<"lock">>;
  /** Gives up this session's locks on the keys, and its waits for any of them, which reject. */
  unlock(keys: readonly string[]): Promise<void>;
  /**
   * Takes the locks, runs the function and gives them up, also where it throws. By default it waits for 10 s; `locked` is
   * thrown if they are not free by then. Several such calls of one store exclude each other, also where they would only
   * share, so that a function must not ask for its own keys again.
   *
   * Where the lock is lost meanwhile, `lock.signal` fires, and the call rejects with its reason unless the function itself
   * throws. It is taken as lost, too, when the server was not heard for `graceMs` of the session.
   */
  withLock<T>(keys: readonly string[], options: LockOptions, body: (lock: HeldLock) => T | Promise<T>): Promise<T>;
  /** @param options as many holders, and as many who wait, are listed at most: 1000 by default, which is also the most */
  locks(options?: { readonly limit?: number }): Promise<LockList>;
  /**
   * Tells how the room's locks stand: now, whenever that changes (ten times a second at most), and after a reconnect.
   * The function with which it resolves stops that.
   */
  followLocks(listener: (list: LockList) => void): Promise<() => void>;
  /**
   * Puts what `fn` makes of the entry, which is null where there is none. If somebody else writes in between, it is
   * called again with what is there then; after 256 such conflicts in a row the last is thrown.
   */
  update(key: string, fn: (entry: Entry | null) => string | Promise<string>): Promise<Output<"put">>;
  /** A page of entries, in the order of their keys' UTF-8 bytes. */
  list(options?: ListOptions): Promise<Output<"list">>;
  /**
   * What became of a key, newest first, as far as the room's log reaches back: to the revision `reaches`. Where that is
   * above 1, older changes are no longer kept. A page has at most about 1 MiB; `more` says whether there are others.
   */
  history(key: string, options?: HistoryOptions): Promise<Output<"history">>;
  /**
   * What became of a write to this room that was rejected with `unknown_outcome`; `op` is that error's `op`.
   * Any session of the same user may ask, while the server still knows the session that wrote.
   */
  outcome(op: string): Promise<Output<"status">>;
  /** Follows the room. A refusal, also one that comes later, ends the iteration with a KeyroomError. */
  watch(options?: WatchOptions): Watch;
}

/**
 * `connected`: requests go out. `stale`: they go out, but the server has not been heard from for longer than it promises;
 * it may be heard again, or the connection is given up. `reconnecting`: requests wait. `closed`: for good.
 */
export type ConnectionState = "connected" | "stale" | "reconnecting" | "closed";

/** The next attempt to connect: counted from 1 since the last connection, and in how many ms; 0 while it is under way. */
export interface Retry {
  readonly attempt: number;
  readonly inMs: number;
}

/** Somebody who watches the user's room, and since when, in ms since 1970. */
export type Watcher = Output<"watchers">["watchers"][number];

export interface StoreEvents {
  /** The connection's state, and why it is not `connected`, in a sentence. `reconnecting` is told after each failed attempt. */
  state: (state: ConnectionState, why: string) => void;
  /** After each connect: what the server said of the session. */
  session: (session: Push<"session">) => void;
  role: (role: Role) => void;
  /** Who else watches the user's room now, once `watchers()` was called. */
  watchers: (watchers: readonly Watcher[]) => void;
  /** What becomes of this session's locks and waits, in whatever room; and the lists of rooms whose locks are followed. */
  locks: (push: Push<"locks">) => void;
}

/** A signed-in client: its own room's calls, other rooms, and the account. */
export interface Store extends Room {
  /** Who the client is and what the server allows, as of the last connect; `role` is kept current. */
  readonly session: Push<"session">;
  readonly state: ConnectionState;
  /** Counted anew at each look; null but while `reconnecting`. */
  readonly retry: Retry | null;
  /** Another user's room; needs the manager role. `*` stands for all rooms, and can only be watched. */
  room(name: string): Room;
  rooms(options?: { readonly after?: string; readonly limit?: number }): Promise<Output<"rooms">>;
  /** Who else watches the user's room; from then on the event `watchers` tells of changes. */
  watchers(): Promise<readonly Watcher[]>;
  /** Ms of one round trip through the server's own code, from when it is sent: nothing is asked for. */
  ping(): Promise<number>;
  /** Becomes a manager. The passphrase is whatever the server was started with; none where it is open to all. */
  upgrade(passphrase?: string): Promise<Role>;
  promote(user: string): Promise<Role>;
  demote(user: string): Promise<Role>;
  /** Ends the session, makes its token worthless and closes. */
  logout(): Promise<void>;
  /**
   * Closes the connection; what is unanswered, and all that is asked later, rejects. The session's locks and ephemeral keys
   * stay until its grace is over: `unlock` before, or `logout` instead. Its token still signs in. Idempotent.
   */
  close(): void;
  /** Listens; the returned function stops it. */
  on<E extends keyof StoreEvents>(event: E, listener: StoreEvents[E]): () => void;
}
