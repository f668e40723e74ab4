import type { Push } from "../../protocol/pushes.ts";
import type { Outbox } from "./outbox.ts";
import { tellAll } from "./tell.ts";
import type { LockList } from "./types.ts";

type Listener = (list: LockList) => void;

/** How the locks stand of the rooms that somebody follows. */
export class LockLists {
  readonly #outbox: Outbox;
  /** By room. */
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  async follow(room: string, listener: Listener): Promise<() => void> {
    const listeners = this.#listeners.get(room) ?? new Set();
    // Whoever listens twice stops twice.
    const own: Listener = (list) => listener(list);
    this.#listeners.set(room, listeners.add(own));
    const stop = (): void => {
      if (!listeners.delete(own) || listeners.size > 0) return;
      this.#listeners.delete(room);
      this.#outbox.request("locks", { room, follow: false, limit: 1 }).catch(() => undefined);
    };
    try {
      await this.#ask(room);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  /** Each connection is told of changes only when it has asked. */
  connected(): void {
    for (const room of this.#listeners.keys()) this.#ask(room).catch(() => undefined);
  }

  pushed({ room, list }: Push<"locks">): void {
    if (list !== undefined) tellAll(this.#listeners.get(room) ?? [], list);
  }

  /** In the turn of the answer: what is pushed behind it is newer. */
  #ask(room: string): Promise<unknown> {
    return this.#outbox.request("locks", { room, follow: true }, (list) => this.pushed({ room, list }));
  }
}
