import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { LockLists } from "./lock-lists.ts";
import type { Outbox } from "./outbox.ts";
import type {
  Changes,
  ClaimOptions,
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
const MOST_CONFLICTS = 32;

/** The calls of one room; without a name, of the caller's own. */
export class RemoteRoom implements Room {
  readonly #outbox: Outbox;
  readonly #watches: Watches;
  readonly #lockLists: LockLists;
  readonly #where: { readonly room?: string };
  readonly #name: () => string;

  /** @param room to be named in requests, where it is not the caller's own */
  constructor(outbox: Outbox, watches: Watches, lockLists: LockLists, name: () => string, room?: string) {
    this.#outbox = outbox;
    this.#watches = watches;
    this.#lockLists = lockLists;
    this.#where = room === undefined ? {} : { room };
    this.#name = name;
  }

  get(key: string, options: { readonly revision?: number } = {}): Promise<Entry | null> {
    return this.#outbox.request("get", { key, ...options, ...this.#where });
  }

  put(key: string, value: string, options: WriteOptions & Lifetime = {}): Promise<Output<"put">> {
    return this.#outbox.request("put", { key, value, ...options, ...this.#where });
  }

  delete(key: string, options: WriteOptions = {}): Promise<Output<"delete">> {
    return this.#outbox.request("delete", { key, ...options, ...this.#where });
  }

  read(keys: readonly string[], options: HoldOptions & Pick<ClaimOptions, "waitMs"> = {}): Promise<Output<"read">> {
    return this.#outbox.request("read", { keys, ...options, ...this.#where });
  }

  write(changes: Changes, options: ClaimOptions & HoldOptions = {}): Promise<Output<"write">> {
    return this.#outbox.request("write", { ...changes, ...options, ...this.#where });
  }

  transact(transaction: Transaction, options: ClaimOptions = {}): Promise<Output<"transact">> {
    return this.#outbox.request("transact", { ...transaction, ...options, ...this.#where });
  }

  undo(revision: number, options: ClaimOptions = {}): Promise<Output<"undo">> {
    return this.#outbox.request("undo", { revision, ...options, ...this.#where });
  }

  touch(key: string, ttlMs: number | null, options: ClaimOptions = {}): Promise<Output<"touch">> {
    return this.#outbox.request("touch", { key, ttlMs, ...options, ...this.#where });
  }

  lock(keys: readonly string[], options: LockOptions = {}): Promise<Output<"lock">> {
    return this.#outbox.request("lock", { keys, mode: "exclusive", ...options, ...this.#where });
  }

  async unlock(keys: readonly string[]): Promise<void> {
    await this.#outbox.request("unlock", { keys, ...this.#where });
  }

  locks(options: { readonly limit?: number } = {}): Promise<LockList> {
    return this.#outbox.request("locks", { ...options, ...this.#where });
  }

  followLocks(listener: (list: LockList) => void): Promise<() => void> {
    return this.#lockLists.follow(this.#name(), listener);
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
    return this.#outbox.request("list", { ...options, ...this.#where });
  }

  history(key: string, options: HistoryOptions = {}): Promise<Output<"history">> {
    return this.#outbox.request("history", { key, ...options, ...this.#where });
  }

  outcome(op: string): Promise<Output<"status">> {
    return this.#outbox.request("status", { op, ...this.#where });
  }

  watch(options: WatchOptions = {}): Watch {
    return this.#watches.open(this.#name(), options);
  }
}
