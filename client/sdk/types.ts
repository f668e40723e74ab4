/** What a program sees of a store. */
import type { Entry, Role } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Output } from "../../protocol/requests.ts";

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

/** `ifRevision`: write only if the entry is at this revision; 0 means that it must not exist. */
export interface WriteOptions {
  readonly ifRevision?: number;
}

export interface ListOptions {
  readonly prefix?: string;
  /** Only keys behind this one, in the order of UTF-8 bytes. */
  readonly after?: string;
  /** @default 1000, which is also the most */
  readonly limit?: number;
}

/** One room's keys. All calls reject with a `KeyroomError`. */
export interface Room {
  /** The entry, or null. */
  get(key: string): Promise<Entry | null>;
  put(key: string, value: string, options?: WriteOptions): Promise<Output<"put">>;
  delete(key: string, options?: WriteOptions): Promise<Output<"delete">>;
  /** A page of entries, in the order of their keys' UTF-8 bytes. */
  list(options?: ListOptions): Promise<Output<"list">>;
  /**
   * What became of a write to this room that was rejected with `unknown_outcome`; `op` is that error's `op`.
   * Any session of the same user may ask, while the server still knows the session that wrote.
   */
  outcome(op: string): Promise<Output<"status">>;
}

/** `connected`: requests go out. `reconnecting`: they wait. `closed`: for good. */
export type ConnectionState = "connected" | "reconnecting" | "closed";

export interface StoreEvents {
  /** The connection's state, and why it is not `connected`, in a sentence. */
  state: (state: ConnectionState, why: string) => void;
  /** After each connect: what the server said of the session. */
  session: (session: Push<"session">) => void;
  role: (role: Role) => void;
}

/** A signed-in client: its own room's calls, other rooms, and the account. */
export interface Store extends Room {
  /** Who the client is and what the server allows, as of the last connect; `role` is kept current. */
  readonly session: Push<"session">;
  readonly state: ConnectionState;
  /** Another user's room; needs the manager role. */
  room(name: string): Room;
  rooms(options?: { readonly after?: string; readonly limit?: number }): Promise<Output<"rooms">>;
  /** Becomes a manager. The passphrase is whatever the server was started with; none where it is open to all. */
  upgrade(passphrase?: string): Promise<Role>;
  promote(user: string): Promise<Role>;
  demote(user: string): Promise<Role>;
  /** Ends the session, makes its token worthless and closes. */
  logout(): Promise<void>;
  /** Closes the connection; what is unanswered rejects. The session can go on from its token. Idempotent. */
  close(): void;
  /** Listens; the returned function stops it. */
  on<E extends keyof StoreEvents>(event: E, listener: StoreEvents[E]): () => void;
}
