import type { SavedPosition, Store, Watch, WatchEvent, WatchState } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { Bulletin } from "./bulletin.ts";
import { CatchUp, type Recovery } from "./catch-up.ts";
import { type Notice, noticesOf } from "./notice.ts";
import { OwnWrites } from "./own-writes.ts";

/** The single rooms of a watch of all begin behind its answer: what they missed is counted, too. */
const SETTLE_MS = 300;

/** What the watches of a menu tell. */
export interface WatchingListener {
  /** News to be shown now. */
  show(notices: readonly Notice[]): void;
  /** All watches are live again after a cut. */
  liveAgain(recovery: Recovery): void;
  /** The user watches the room from now on. */
  opened?(room: string, watch: Watch): void;
  /** What `rooms` or `isLive` answer has changed. */
  changed(): void;
}

/** The rooms that the user watches in this session. */
export class Watching {
  readonly #store: Store;
  readonly #listener: WatchingListener;
  readonly #bulletin: Bulletin<WatchEvent>;
  readonly #own = new OwnWrites();
  readonly #watches = new Map<string, { readonly watch: Watch; readonly stop: () => void }>();
  /** Rooms of which it was said that they have to wait. */
  readonly #waiting = new Set<string>();
  /** Since the cut that is not over yet. */
  #catchUp: CatchUp | null = null;
  #settling: NodeJS.Timeout | undefined;

  constructor(store: Store, listener: WatchingListener) {
    this.#store = store;
    this.#listener = listener;
    this.#bulletin = new Bulletin((events) => this.#publish(events));
  }

  /** What is watched; `*` alone where it is all rooms. */
  get rooms(): readonly string[] {
    return [...this.#watches.keys()];
  }

  get isLive(): boolean {
    return [...this.#watches.values()].every(({ watch }) => watch.state === "live");
  }

  covers(room: string): boolean {
    return this.#watches.has(room) || this.#watches.has(ALL_ROOMS);
  }

  /**
   * Notices tell how it begins, or why not. All rooms take the place of single ones.
   * @param from where an earlier watch of the room stood
   */
  open(room: string, from?: SavedPosition): void {
    if (this.covers(room)) return;
    if (room === ALL_ROOMS) for (const single of this.rooms) this.close(single);
    const watch = this.#store.room(room).watch(from === undefined ? {} : { from });
    if (from !== undefined) this.#catchUp ??= new CatchUp();
    const stops = [
      // A single room is live once it has told what was missed; the rooms of a watch of all begin behind its answer.
      watch.on("event", (event) => this.#onEvent(event, room === ALL_ROOMS || watch.state !== "live")),
      watch.on("state", (state, why) => this.#onState(room, state, why)),
    ];
    const stop = (): void => {
      for (const each of stops) each();
      watch.close();
    };
    this.#watches.set(room, { watch, stop });
    this.#listener.opened?.(room, watch);
    this.#listener.changed();
  }

  close(room: string): void {
    this.#watches.get(room)?.stop();
    this.#watches.delete(room);
    this.#waiting.delete(room);
    this.#settle();
    this.#listener.changed();
  }

  /** A write by this menu, which its user is told of by the answer: the watch does not tell him once more. */
  async write<T extends { readonly revision: number | null }>(room: string, write: () => Promise<T>): Promise<T> {
    // The change may come before the answer that says which one it is.
    const release = this.#bulletin.hold();
    try {
      const done = await write();
      if (done.revision !== null && this.covers(room)) {
        this.#own.add(room, done.revision);
        this.#catchUp?.leaveOut(room, done.revision);
      }
      return done;
    } finally {
      release();
    }
  }

  /** Has all that has come shown now: a kept watch goes on behind it. */
  flush(): void {
    this.#bulletin.flush();
  }

  /** Ends all. */
  stop(): void {
    for (const { stop } of this.#watches.values()) stop();
    this.#watches.clear();
    this.#bulletin.stop();
    clearTimeout(this.#settling);
  }

  #onEvent(event: WatchEvent, isLate: boolean): void {
    if (event.kind !== "change") this.#own.forget(event.room);
    if (isLate && !this.#own.has(event)) this.#catchUp?.add(event);
    this.#bulletin.add(event);
  }

  #publish(events: readonly WatchEvent[]): void {
    const now = Date.now();
    const notices = this.#own.without(events).flatMap((event) => noticesOf(event, now));
    if (notices.length > 0) this.#listener.show(notices);
  }

  /** Each further try would be one more line: the header says that it waits. */
  #tellWaiting(room: string, reason: string): void {
    // A watch hears first that the connection is lost, which is said elsewhere.
    queueMicrotask(() => {
      if (this.#store.state !== "connected" || !this.#watches.has(room) || this.#waiting.has(room)) return;
      this.#waiting.add(room);
      this.#listener.show([{ kind: "waiting", room, at: Date.now(), reason }]);
    });
  }

  #tellEnd(room: string, reason: string): void {
    // A store that closes says so after its watches have, and then that is told elsewhere.
    queueMicrotask(() => {
      if (this.#store.state !== "closed") this.#bulletin.add({ kind: "end", room, reason });
    });
  }

  /** Tells soon that a cut is over, if it is. */
  #settle(): void {
    if (this.#catchUp !== null && this.isLive) this.#settling ??= setTimeout(() => this.#recovered(), SETTLE_MS);
  }

  /** Unless the line was cut once more. */
  #recovered(): void {
    this.#settling = undefined;
    if (this.#catchUp === null || !this.isLive) return;
    const { recovery } = this.#catchUp;
    this.#catchUp = null;
    if (this.#watches.size > 0) this.#listener.liveAgain(recovery);
  }

  #onState(room: string, state: WatchState, why: string): void {
    if (state === "closed") {
      this.#watches.delete(room);
      // Without a reason it was the room's end, which is told as an event.
      if (why !== "") this.#tellEnd(room, why);
    }
    if (state === "connecting" || state === "resuming") this.#tellWaiting(room, why);
    else this.#waiting.delete(room);
    if (state === "resuming") this.#catchUp ??= new CatchUp();
    this.#settle();
    this.#listener.changed();
  }
}
