import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Outbox } from "./outbox.ts";
import type {
  Changes,
  HistoryOptions,
  ListOptions,
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
  readonly #where: { readonly room?: string };
  readonly #name: () => string;

  /** @param room to be named in requests, where it is not the caller's own */
  constructor(outbox: Outbox, watches: Watches, name: () => string, room?: string) {
    this.#outbox = outbox;
    this.#watches = watches;
    this.#where = room === undefined ? {} : { room };
    this.#name = name;
  }

  get(key: string): Promise<Entry | null> {
    return this.#outbox.request("get", { key, ...this.#where });
  }

  put(key: string, value: string, options: WriteOptions = {}): Promise<Output<"put">> {
    return this.#outbox.request("put", { key, value, ...options, ...this.#where });
  }

  delete(key: string, options: WriteOptions = {}): Promise<Output<"delete">> {
    return this.#outbox.request("delete", { key, ...options, ...this.#where });
  }

  read(keys: readonly string[]): Promise<Output<"read">> {
    return this.#outbox.request("read", { keys, ...this.#where });
  }

  write(changes: Changes): Promise<Output<"write">> {
    return this.#outbox.request("write", { ...changes, ...this.#where });
  }

  transact(transaction: Transaction): Promise<Output<"transact">> {
    return this.#outbox.request("transact", { ...transaction, ...this.#where });
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
