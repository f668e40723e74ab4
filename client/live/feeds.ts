import { KeyroomError, type Store, type Watch, type WatchEvent } from "../sdk/index.ts";
import type { Status } from "./status.ts";

export interface FeedListener {
  event(event: WatchEvent): void;
  /** The watch has ended before its room did, and why. */
  lost(room: string, reason: string): void;
  /** None of the watches could be begun; what the server said to the last. */
  refused(error: KeyroomError): void;
  /** What the feeds say of themselves has changed. */
  changed(): void;
}

/**
 * The watches of the live view. While they are paused, events are not taken: they wait with the watch, and when that has
 * enough, with the server. So nothing is lost, and memory stays bounded.
 */
export class Feeds {
  readonly #listener: FeedListener;
  readonly #watches = new Map<string, Watch>();
  #pause: { readonly over: Promise<void>; readonly end: () => void } | null = null;
  #hasWaiting = false;
  #hasBegun = false;

  constructor(store: Store, rooms: readonly string[], listener: FeedListener) {
    this.#listener = listener;
    for (const room of new Set(rooms)) {
      const watch = store.room(room).watch();
      this.#watches.set(room, watch);
      watch.on("state", (state) => {
        this.#hasBegun ||= state === "live";
        listener.changed();
      });
      void this.#follow(room, watch);
    }
  }

  get state(): Pick<Status, "watched" | "watching" | "hasWaiting"> {
    const states = [...this.#watches.values()].map(({ state }) => state);
    const watching = states.includes("gap") ? "gap" : states.every((state) => state === "live") ? "live" : "waiting";
    return { watched: [...this.#watches.keys()], watching, hasWaiting: this.#hasWaiting };
  }

  pause(): void {
    if (this.#pause !== null) return;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#pause = { over, end };
  }

  /** Everything that waits is told now, in its order. */
  resume(): void {
    this.#hasWaiting = false;
    this.#pause?.end();
    this.#pause = null;
  }

  close(): void {
    const open = [...this.#watches.values()];
    this.#watches.clear();
    for (const watch of open) watch.close();
    this.resume();
  }

  async #follow(room: string, watch: Watch): Promise<void> {
    let error: unknown = null;
    try {
      for await (const event of watch) {
        // One event of each watch waits here, the others with the watch.
        while (this.#pause !== null) await this.#wait(this.#pause.over);
        if (!this.#watches.has(room)) return;
        this.#listener.event(event);
      }
    } catch (thrown) {
      error = thrown;
    }
    if (!this.#watches.delete(room)) return;
    if (error !== null) this.#listener.lost(room, error instanceof Error ? error.message : String(error));
    if (error instanceof KeyroomError && this.#watches.size === 0 && !this.#hasBegun) this.#listener.refused(error);
    this.#listener.changed();
  }

  #wait(over: Promise<void>): Promise<void> {
    if (!this.#hasWaiting) {
      this.#hasWaiting = true;
      this.#listener.changed();
    }
    return over;
  }
}
