import { KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Input, Output } from "../../protocol/requests.ts";
import type { Filter } from "../engine/port.ts";
import { authorizeGoverning, authorizeRoom, type Caller } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import { arrive, recover } from "./arrival.ts";
import { Feed, type FeedParts } from "./feed.ts";
import { watchId } from "./filters.ts";
import type { StartPage } from "./starts.ts";
import { Subscription } from "./subscription.ts";
import type { Watcher } from "./watching.ts";

/** Watches that one connection may have at once. */
const MAX_WATCHES = 1_000;

const ALL_ROOMS = "*";

/** Of one connection: a question, and its subscription in each room that it is about. */
interface Watch {
  readonly room: string;
  readonly filter: Filter;
  /** Ms since 1970. */
  readonly since: number;
  readonly subscriptions: Map<string, Subscription>;
}

type Answer = (value: Output<"watch">) => void;

/** All watches of all connections. */
export class Watches {
  readonly #accounts: Accounts;
  readonly #parts: FeedParts;
  readonly #onChange: (room: string) => void;
  readonly #feeds = new Map<string, Feed>();
  readonly #byWatcher = new Map<Watcher, Map<string, Watch>>();

  /** @param onChange is called when somebody begins or ceases to watch a room */
  constructor(accounts: Accounts, parts: FeedParts, onChange: (room: string) => void) {
    this.#accounts = accounts;
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /**
   * @param answer is called in the turn in which the watch becomes live: a push never comes before it
   * @throws KeyroomError `forbidden`, `not_found`, `future_position`, `quota`
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
    const watch: Watch = { room, filter, since: this.#parts.clock.now(), subscriptions: new Map() };
    this.#remember(watcher, id, watch);
    if (room === ALL_ROOMS) {
      answer({ watch: id });
      await this.#watchAll(watcher, id, watch, from.byRoom);
      return;
    }
    const open = (page: StartPage): void => answer({ watch: id, ...page });
    const hasBegun = await this.#attach(watcher, id, watch, room, from.position, open);
    if (!hasBegun) throw new KeyroomError("conflict", "The watch was ended before it began.");
  }

  unwatch(watcher: Watcher, id: string): void {
    const watches = this.#byWatcher.get(watcher);
    const watch = watches?.get(id);
    if (watch === undefined) return;
    for (const subscription of [...watch.subscriptions.values()]) this.#detach(watch, subscription);
    watches?.delete(id);
    if (watches?.size === 0) this.#byWatcher.delete(watcher);
  }

  /** The connection is gone. */
  forget(watcher: Watcher): void {
    for (const id of [...(this.#byWatcher.get(watcher)?.keys() ?? [])]) this.unwatch(watcher, id);
  }

  /** The user is no manager any more: ends the watches of other rooms, before anything else is pushed. */
  revoke(user: string): void {
    for (const [watcher, watches] of [...this.#byWatcher]) {
      if (watcher.user !== user) continue;
      const lost = [...watches].filter(([, { room }]) => room !== user);
      for (const [id] of lost) this.unwatch(watcher, id);
      // What still waits to be taken may be of those rooms.
      if (lost.length > 0 && watcher.backlog() > 0) watcher.abort();
      for (const [watch, { room }] of lost) {
        watcher.push("end", { watch, room, reason: "You are no manager any more." });
      }
    }
  }

  /** A room has come into being: those who watch all rooms watch it too. */
  born(room: string): void {
    for (const [watcher, watches] of [...this.#byWatcher]) {
      for (const [id, watch] of watches) {
        if (watch.room === ALL_ROOMS) void this.#attachOne(watcher, id, watch, room, null);
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

  async #watchAll(watcher: Watcher, id: string, watch: Watch, from: Readonly<Record<string, Position>>): Promise<void> {
    for (const room of Object.keys(from)) {
      if (this.#accounts.find(room) === undefined) {
        watcher.push("end", { watch: id, room, reason: "The room was deleted." });
      }
    }
    for (const room of this.#accounts.names()) {
      await this.#attachOne(watcher, id, watch, room, Object.hasOwn(from, room) ? (from[room] ?? null) : null);
    }
  }

  /** One room of a watch of all. */
  async #attachOne(watcher: Watcher, id: string, watch: Watch, room: string, from: Position | null): Promise<void> {
    await watcher.drained();
    if (this.#byWatcher.get(watcher)?.get(id) !== watch) return;
    if (watch.subscriptions.has(room) || this.#accounts.find(room) === undefined) return;
    try {
      await this.#attach(watcher, id, watch, room, from, (page) => watcher.push("start", { watch: id, room, ...page }));
    } catch (error) {
      watcher.push("end", { watch: id, room, reason: reasonOf(error) });
    }
  }

  /**
   * @param open sends the first page
   * @returns false when the watch was ended before that
   * @throws when it could not begin; what goes wrong later is pushed
   */
  async #attach(
    watcher: Watcher,
    id: string,
    watch: Watch,
    room: string,
    from: Position | null,
    open: (page: StartPage) => void,
  ): Promise<boolean> {
    const subscription = new Subscription(watcher, id, room, watch.filter);
    watch.subscriptions.set(room, subscription);
    this.#onChange(room);
    const feed = this.#feed(room);
    let opened = false;
    try {
      await arrive(this.#parts.engine, feed, subscription, from, (page) => {
        opened = true;
        open(page);
      });
    } catch (error) {
      if (subscription.cancelled) return opened;
      this.#drop(watcher, id, watch, subscription);
      if (!opened) throw error;
      watcher.push("end", { watch: id, room, reason: reasonOf(error) });
    } finally {
      this.#closeIfIdle(room, feed);
    }
    return opened;
  }

  /** Ends one subscription, and its watch where that is all there is to it. */
  #drop(watcher: Watcher, id: string, watch: Watch, subscription: Subscription): void {
    this.#detach(watch, subscription);
    if (watch.room !== ALL_ROOMS && this.#byWatcher.get(watcher)?.get(id) === watch) this.unwatch(watcher, id);
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
    const feed = new Feed(
      room,
      this.#parts,
      () => this.#ended(room, feed),
      (subscription, position) => void this.#recover(feed, subscription, position),
    );
    this.#feeds.set(room, feed);
    return feed;
  }

  async #recover(feed: Feed, subscription: Subscription, position: Position): Promise<void> {
    try {
      await recover(this.#parts.engine, feed, subscription, position);
    } catch (error) {
      if (subscription.cancelled) return;
      const { watcher, watch: id, room } = subscription;
      const watch = this.#byWatcher.get(watcher)?.get(id);
      if (watch !== undefined) this.#drop(watcher, id, watch, subscription);
      watcher.push("end", { watch: id, room, reason: reasonOf(error) });
    } finally {
      this.#closeIfIdle(subscription.room, feed);
    }
  }

  /** The room was deleted: its watches are over, and those of all rooms go on without it. */
  #ended(room: string, feed: Feed): void {
    if (this.#feeds.get(room) === feed) this.#feeds.delete(room);
    for (const [watcher, watches] of [...this.#byWatcher]) {
      for (const [id, watch] of [...watches]) {
        const subscription = watch.subscriptions.get(room);
        if (subscription === undefined) continue;
        watcher.leave(subscription.channel);
        this.#drop(watcher, id, watch, subscription);
        watcher.push("end", { watch: id, room, reason: "The room was deleted." });
        // The next of its name may have come into being already.
        if (watch.room === ALL_ROOMS) void this.#attachOne(watcher, id, watch, room, null);
      }
    }
  }

  #closeIfIdle(room: string, feed: Feed): void {
    if (!feed.idle || this.#feeds.get(room) !== feed) return;
    this.#feeds.delete(room);
    feed.close();
  }

  #remember(watcher: Watcher, id: string, watch: Watch): void {
    const watches = this.#byWatcher.get(watcher) ?? new Map<string, Watch>();
    if (watches.size >= MAX_WATCHES) {
      throw new KeyroomError("quota", `One connection can have ${MAX_WATCHES} watches. End some of them.`);
    }
    this.#byWatcher.set(watcher, watches.set(id, watch));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof KeyroomError ? error.message : "The server could not go on with it. Watch again.";
}

interface Question {
  readonly room: string;
  readonly filter: Filter;
  readonly from: { readonly position: Position | null; readonly byRoom: Readonly<Record<string, Position>> };
}

/** @throws KeyroomError `invalid` for fields that do not go together */
function question(caller: Caller, { room = caller.user, key, prefix, from }: Input<"watch">): Question {
  if (key !== undefined && prefix !== undefined) {
    throw new KeyroomError("invalid", "watch takes a key or a prefix, not both.");
  }
  const filter: Filter =
    key !== undefined
      ? { kind: "key", key }
      : prefix !== undefined && prefix !== ""
        ? { kind: "prefix", prefix }
        : { kind: "all" };
  if (from === undefined) return { room, filter, from: { position: null, byRoom: {} } };
  if (isPosition(from) === (room === ALL_ROOMS)) {
    throw new KeyroomError("invalid", "`from` is a position for one room, and room → position for all rooms.");
  }
  return {
    room,
    filter,
    from: isPosition(from) ? { position: from, byRoom: {} } : { position: null, byRoom: from },
  };
}

function isPosition(from: Position | Readonly<Record<string, Position>>): from is Position {
  return typeof from["epoch"] === "string";
}
