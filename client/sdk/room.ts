import type { Entry } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Outbox } from "./outbox.ts";
import type { HistoryOptions, ListOptions, Room, Watch, WatchOptions, WriteOptions } from "./types.ts";
import type { Watches } from "./watches.ts";

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
