import { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Filter } from "../engine/port.ts";
import { authorizeGoverning, authorizeRoom, type Caller } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import { arrive, recover } from "./arrival.ts";
import { Feed, type FeedParts } from "./feed.ts";
import { watchId } from "./filters.ts";
import type { Log } from "./log.ts";
import { ALL_ROOMS, question } from "./question.ts";
import type { StartPage } from "./starts.ts";
import { Subscription } from "./subscription.ts";
import type { Watcher } from "./watching.ts";

/** Watches that one connection may have at once. */
const MAX_WATCHES = 1_000;

/** An epoch that no room has: to begin from there is to begin with a gap. */
const NOWHERE: Position = { epoch: "", revision: 0, tag: 0 };

const DELETED = "The room was deleted.";

/** Of one connection: a question, and its subscription in each room that it is about. */
interface Watch {
  readonly watcher: Watcher;
  readonly id: string;
  readonly room: string;
  readonly filter: Filter;
  /** Ms since 1970. */
  readonly since: number;
  readonly subscriptions: Map<string, Subscription>;
  /** Where rooms that have not begun yet are to go on from. */
  readonly from: Map<string, Position>;
  /** Whether it was answered: before that, its end is told by the answer alone. */
  isAnswered: boolean;
  /** What to answer when it ended before. */
  refusal: KeyroomError | null;
}

type Answer = (value: Output<"watch">) => void;

/** All watches of all connections. */
export class Watches {
  readonly #accounts: Accounts;
  readonly #parts: FeedParts & { readonly log: Log };
  readonly #onChange: (room: string) => void;
  readonly #feeds = new Map<string, Feed>();
  readonly #byWatcher = new Map<Watcher, Map<string, Watch>>();

  /** @param onChange is called when somebody begins or ceases to watch a room */
  constructor(accounts: Accounts, parts: FeedParts & { readonly log: Log }, onChange: (room: string) => void) {
    this.#accounts = accounts;
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /**
   * @param answer is called in the turn in which the watch becomes live: a push never comes before it
   * @throws KeyroomError `forbidden`, `not_found`, `future_position`, `quota`; `conflict` when its own connection ended
   *   it or asked the same again before it began
   */
  async watch(caller: Caller, watcher: Watcher, input: Input<"watch">, answer: Answer): Promise<void> {
    const { room, filter, from } = question(caller, input);
    if (room === ALL_ROOMS) authorizeGoverning(caller);
    else authorizeRoom(caller, "read", room);
    if (room !== ALL_ROOMS && this.#accounts.find(room) === undefined) {
      throw new KeyroomError("not_found", `There is no user called ${room}, and so no room.`);
    }
    const id = watchId(room, filter, input.copy ?? 0);
    this.unwatch(watcher, id);
    const since = this.#parts.clock.now();
    const subscriptions = new Map<string, Subscription>();
    const parts = { watcher, id, room, filter, since, subscriptions, from };
    const watch: Watch = { ...parts, isAnswered: false, refusal: null };
    this.#remember(watch);
    const begin = (page: Partial<StartPage>): void => {
      watch.isAnswered = true;
      answer({ watch: id, ...page });
    };
    if (room === ALL_ROOMS) {
      begin({});
      for (const one of new Set([...from.keys(), ...this.#accounts.names()])) await this.#attachOne(watch, one);
      return;
    }
    await this.#attach(watch, room, begin);
    if (!watch.isAnswered) throw watch.refusal ?? new KeyroomError("conflict", "The watch was ended before it began.");
  }

  unwatch(watcher: Watcher, id: string): void {
    const watch = this.#byWatcher.get(watcher)?.get(id);
    if (watch !== undefined) this.#end(watch);
  }

  /** The connection is gone. */
  forget(watcher: Watcher): void {
    for (const watch of [...(this.#byWatcher.get(watcher)?.values() ?? [])]) this.#end(watch);
  }

  /** The user is no manager any more: ends the watches of other rooms, before anything else is pushed. */
  revoke(user: string): void {
    for (const [watcher, watches] of [...this.#byWatcher]) {
      if (watcher.user !== user) continue;
      const lost = [...watches.values()].filter(({ room }) => room !== user);
      for (const watch of lost) this.#end(watch);
      for (const watch of lost) this.#tellEnd(watch, watch.room, "You are no manager any more.", "forbidden");
    }
  }

  /** A room has come into being: those who watch all rooms watch it too. */
  born(room: string): void {
    for (const watches of [...this.#byWatcher.values()]) {
      for (const watch of watches.values()) {
        if (watch.room === ALL_ROOMS) void this.#attachOne(watch, room);
      }
    }
  }

  /** Who watches a room, each once, since when first. */
  watchersOf(room: string): Map<string, number> {
    const since = new Map<string, number>();
    for (const [{ user }, watches] of this.#byWatcher) {
      for (const watch of watches.values()) {
        if (watch.subscriptions.has(room)) since.set(user, Math.min(watch.since, since.get(user) ?? watch.since));
      }
    }
    return since;
  }

  /** One room of a watch of all. */
  async #attachOne(watch: Watch, room: string): Promise<void> {
    await watch.watcher.drained();
    if (!this.#isOpen(watch) || watch.subscriptions.has(room)) return;
    if (this.#accounts.find(room) === undefined) {
      if (watch.from.delete(room)) this.#tellEnd(watch, room, DELETED);
      return;
    }
    await this.#attach(watch, room, (page) => watch.watcher.push("start", { watch: watch.id, room, ...page }));
  }

  /** Never rejects. @param begin sends the first page */
  async #attach(watch: Watch, room: string, begin: (page: StartPage) => void): Promise<void> {
    const from = watch.from.get(room) ?? null;
    watch.from.delete(room);
    const subscription = new Subscription(watch.watcher, watch.id, room, watch.filter);
    watch.subscriptions.set(room, subscription);
    this.#onChange(room);
    const feed = this.#feed(room);
    await this.#attempt(feed, subscription, () => arrive(this.#parts.engine, feed, subscription, from, begin));
  }

  async #attempt(feed: Feed, subscription: Subscription, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!subscription.cancelled) await this.#fail(subscription, error);
    } finally {
      this.#closeIfIdle(subscription.room, feed);
    }
  }

  /** The room cannot be told of, or not from there. */
  async #fail(subscription: Subscription, error: unknown): Promise<void> {
    const { watcher, watch: id, room } = subscription;
    const watch = this.#byWatcher.get(watcher)?.get(id);
    if (watch === undefined) return;
    const { code, message } = this.#explain(room, error);
    this.#drop(watch, subscription);
    this.#tellEnd(watch, room, message, code);
    // Single changes are lost; the other rooms go on, and so may this one with what is there.
    if (watch.room !== ALL_ROOMS || code !== "future_position") return;
    watch.from.set(room, NOWHERE);
    await this.#attachOne(watch, room);
  }

  #explain(room: string, error: unknown): KeyroomError {
    if (error instanceof KeyroomError) return error;
    this.#parts.log.error({ err: error, room }, "a watch failed");
    return new KeyroomError("internal", "The server could not go on with it; its log has the details. Watch again.");
  }

  /** @param code why, unless the room was simply deleted */
  #tellEnd(watch: Watch, room: string, reason: string, code?: ErrorCode): void {
    if (!watch.isAnswered) watch.refusal = new KeyroomError(code ?? "not_found", reason);
    else watch.watcher.push("end", { watch: watch.id, room, reason, ...(code === undefined ? {} : { code }) });
  }

  /** Ends one subscription, and its watch where that is all there is to it. */
  #drop(watch: Watch, subscription: Subscription): void {
    this.#detach(watch, subscription);
    if (watch.room !== ALL_ROOMS) this.#end(watch);
  }

  #end(watch: Watch): void {
    if (!this.#isOpen(watch)) return;
    for (const subscription of [...watch.subscriptions.values()]) this.#detach(watch, subscription);
    const watches = this.#byWatcher.get(watch.watcher);
    watches?.delete(watch.id);
    if (watches?.size === 0) this.#byWatcher.delete(watch.watcher);
  }

  #isOpen(watch: Watch): boolean {
    return this.#byWatcher.get(watch.watcher)?.get(watch.id) === watch;
  }

  #detach(watch: Watch, subscription: Subscription): void {
    if (watch.subscriptions.get(subscription.room) === subscription) watch.subscriptions.delete(subscription.room);
    subscription.cancel();
    this.#onChange(subscription.room);
    const feed = this.#feeds.get(subscription.room);
    if (feed === undefined) return;
    feed.leave(subscription);
    this.#closeIfIdle(subscription.room, feed);
  }

  #feed(room: string): Feed {
    const known = this.#feeds.get(room);
    if (known !== undefined) return known;
    const { engine } = this.#parts;
    const feed = new Feed(
      room,
      this.#parts,
      () => this.#ended(room, feed),
      (slow, position) => void this.#attempt(feed, slow, () => recover(engine, feed, slow, position)),
    );
    this.#feeds.set(room, feed);
    return feed;
  }

  /** The room was deleted: its watches are over, and those of all rooms go on without it. */
  #ended(room: string, feed: Feed): void {
    if (this.#feeds.get(room) === feed) this.#feeds.delete(room);
    for (const [watcher, watches] of [...this.#byWatcher]) {
      for (const watch of [...watches.values()]) {
        const subscription = watch.subscriptions.get(room);
        if (subscription === undefined) continue;
        watcher.leave(subscription.channel);
        this.#drop(watch, subscription);
        this.#tellEnd(watch, room, DELETED);
        // The next of its name may have come into being already.
        if (watch.room === ALL_ROOMS) void this.#attachOne(watch, room);
      }
    }
  }

  #closeIfIdle(room: string, feed: Feed): void {
    if (!feed.idle || this.#feeds.get(room) !== feed) return;
    this.#feeds.delete(room);
    feed.close();
  }

  /** @throws KeyroomError `quota` */
  #remember(watch: Watch): void {
    const watches = this.#byWatcher.get(watch.watcher) ?? new Map<string, Watch>();
    if (watches.size >= MAX_WATCHES) {
      throw new KeyroomError("quota", `One connection can have ${MAX_WATCHES} watches. End some of them.`);
    }
    this.#byWatcher.set(watch.watcher, watches.set(watch.id, watch));
  }
}
