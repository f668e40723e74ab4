import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { LockLists } from "./lock-lists.ts";
import type { LockSections } from "./lock-sections.ts";
import type { Outbox } from "./outbox.ts";
import type {
  Changes,
  ClaimOptions,
  HeldLock,
  HistoryOptions,
  HoldOptions,
  Lifetime,
  ListOptions,
  LockList,
  LockOptions,
  Room,
  Transaction,
  Watch,
  WatchOptions,
  WriteOptions,
} from "./types.ts";
import type { Watches } from "./watches.ts";

/** Of an update, in a row: then somebody else's writes always come first. */
const MOST_CONFLICTS = 256;

/** What all rooms of a store have in common. */
export interface RoomParts {
  readonly outbox: Outbox;
  readonly watches: Watches;
  readonly lockLists: LockLists;
  readonly sections: LockSections;
}

/** The calls of one room; without a name, of the caller's own. */
export class RemoteRoom implements Room {
  readonly #parts: RoomParts;
  readonly #where: { readonly room?: string };
  readonly #name: () => string;

  /** @param room to be named in requests, where it is not the caller's own */
  constructor(parts: RoomParts, name: () => string, room?: string) {
    this.#parts = parts;
    this.#where = room === undefined ? {} : { room };
    this.#name = name;
  }

  get(key: string, options: { readonly revision?: number } = {}): Promise<Entry | null> {
    return this.#parts.outbox.request("get", { key, ...options, ...this.#where });
  }

  put(key: string, value: string, options: WriteOptions & Lifetime = {}): Promise<Output<"put">> {
    return this.#parts.outbox.request("put", { key, value, ...options, ...this.#where });
  }

  delete(key: string, options: WriteOptions = {}): Promise<Output<"delete">> {
    return this.#parts.outbox.request("delete", { key, ...options, ...this.#where });
  }

  read(keys: readonly string[], options: HoldOptions & Pick<ClaimOptions, "waitMs"> = {}): Promise<Output<"read">> {
    return this.#parts.outbox.request("read", { keys, ...options, ...this.#where });
  }

  write(changes: Changes, options: ClaimOptions & HoldOptions = {}): Promise<Output<"write">> {
    return this.#parts.outbox.request("write", { ...changes, ...options, ...this.#where });
  }

  transact(transaction: Transaction, options: ClaimOptions = {}): Promise<Output<"transact">> {
    return this.#parts.outbox.request("transact", { ...transaction, ...options, ...this.#where });
  }

  undo(revision: number, options: ClaimOptions = {}): Promise<Output<"undo">> {
    return this.#parts.outbox.request("undo", { revision, ...options, ...this.#where });
  }

  touch(key: string, ttlMs: number | null, options: ClaimOptions = {}): Promise<Output<"touch">> {
    return this.#parts.outbox.request("touch", { key, ttlMs, ...options, ...this.#where });
  }

  lock(keys: readonly string[], options: LockOptions = {}): Promise<Output<"lock">> {
    return this.#parts.outbox.request("lock", { keys, mode: "exclusive", ...options, ...this.#where });
  }

  async unlock(keys: readonly string[]): Promise<void> {
    await this.#parts.outbox.request("unlock", { keys, ...this.#where });
  }

  locks(options: { readonly limit?: number } = {}): Promise<LockList> {
    return this.#parts.outbox.request("locks", { ...options, ...this.#where });
  }

  withLock<T>(keys: readonly string[], options: LockOptions, body: (lock: HeldLock) => T | Promise<T>): Promise<T> {
    return this.#parts.sections.run(this.#name(), keys, options, body);
  }

  followLocks(listener: (list: LockList) => void): Promise<() => void> {
    return this.#parts.lockLists.follow(this.#name(), listener);
  }

  async update(key: string, fn: (entry: Entry | null) => string | Promise<string>): Promise<Output<"put">> {
    for (let conflicts = 0; ; conflicts++) {
      const entry = await this.get(key);
      const value = await fn(entry);
      try {
        return await this.put(key, value, { ifRevision: entry?.revision ?? 0 });
      } catch (error) {
        if (!(error instanceof KeyroomError) || error.code !== "conflict" || conflicts === MOST_CONFLICTS) throw error;
      }
    }
  }

  list(options: ListOptions = {}): Promise<Output<"list">> {
    return this.#parts.outbox.request("list", { ...options, ...this.#where });
  }

  history(key: string, options: HistoryOptions = {}): Promise<Output<"history">> {
    return this.#parts.outbox.request("history", { key, ...options, ...this.#where });
  }

  outcome(op: string): Promise<Output<"status">> {
    return this.#parts.outbox.request("status", { op, ...this.#where });
  }

  watch(options: WatchOptions = {}): Watch {
    return this.#parts.watches.open(this.#name(), options);
  }
}
