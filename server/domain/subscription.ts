import type { Filter } from "../engine/port.ts";
import type { Watcher } from "./watching.ts";

/** One connection's watch of one room. A watch of all rooms has one for each. */
export class Subscription {
  readonly watcher: Watcher;
  /** The id of the question. */
  readonly watch: string;
  readonly room: string;
  readonly filter: Filter;
  #cancelled = false;

  constructor(watcher: Watcher, watch: string, room: string, filter: Filter) {
    this.watcher = watcher;
    this.watch = watch;
    this.room = room;
    this.filter = filter;
  }

  /**
   * Where its pushes are said. A watch of all rooms has the same id in each: its channels must differ, as each room
   * begins on its own. Prefixed, because what is said to a Socket.IO room also reaches the socket of that id. Those
   * who take series have channels of their own.
   */
  get channel(): string {
    return `${this.watcher.takesSeries ? "s" : "w"}:${this.watch}:${this.room}`;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Nothing of this watch is sent from now on; whoever cancels also leaves the feed. */
  cancel(): void {
    this.#cancelled = true;
  }
}
