import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry, Role } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Output } from "../../protocol/requests.ts";
import type { Clock } from "./clock.ts";
import { type LifeListener, Link, type PushListener } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { tellAll } from "./tell.ts";
import type {
  ConnectionState,
  ConnectOptions,
  ListOptions,
  Room,
  Store,
  StoreEvents,
  Watch,
  WatchOptions,
  WriteOptions,
} from "./types.ts";
import { Watches } from "./watches.ts";
import type { OpenWire } from "./wire.ts";

const DEADLINE_MS = 10_000;

/** The calls of one room; without a name, of the caller's own. */
class RemoteRoom implements Room {
  readonly #outbox: Outbox;
  readonly #watches: Watches;
  readonly #where: { readonly room?: string };
  readonly #name: () => string;

  /** @param own the name of the caller's own room, where `room` is not given */
  constructor(outbox: Outbox, watches: Watches, own: () => string, room?: string) {
    this.#outbox = outbox;
    this.#watches = watches;
    this.#where = room === undefined ? {} : { room };
    this.#name = () => room ?? own();
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

  outcome(op: string): Promise<Output<"status">> {
    return this.#outbox.request("status", { op, ...this.#where });
  }

  watch(options: WatchOptions = {}): Watch {
    return this.#watches.open(this.#name(), options);
  }
}

type Listeners = { readonly [E in keyof StoreEvents]: Set<StoreEvents[E]> };

export class RemoteStore implements Store {
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #watches: Watches;
  readonly #own: Room;
  readonly #listeners: Listeners = { state: new Set(), session: new Set(), role: new Set() };
  #session: Push<"session"> | null = null;
  #state: ConnectionState = "reconnecting";
  #settleOpen: { resolve: () => void; reject: (error: KeyroomError) => void } | null = null;
  /** Why there is no session yet. */
  #why: KeyroomError | null = null;

  constructor(url: string, options: ConnectOptions, openWire: OpenWire, clock: Clock) {
    const send: Link["send"] = (...request) => this.#link.send(...request);
    this.#clock = clock;
    this.#outbox = new Outbox(send, options.deadlineMs ?? DEADLINE_MS, clock);
    this.#watches = new Watches(send, clock);
    this.#own = this.#room();
    const listener: LifeListener = {
      session: (session) => this.#welcomed(session),
      silent: (why) => {
        this.#watches.silent(why);
        this.#enter("stale", why);
      },
      heard: () => {
        this.#enter("connected", "The server answers again.");
        this.#watches.heard();
      },
      waiting: (why) => this.#waiting(why),
      closed: (why) => this.#closed(why),
    };
    const pushes: PushListener = {
      role: ({ role }) => this.#roleIs(role),
      start: (push) => this.#watches.started(push),
      changes: (push) => this.#watches.changed(push),
      end: (push) => this.#watches.ended(push),
    };
    this.#link = new Link(url, options, listener, pushes, openWire, clock);
  }

  /** Resolves with the first session; rejects, and closes, when there is none by the deadline. */
  async open(deadlineMs: number = DEADLINE_MS): Promise<void> {
    const cancel = this.#clock.after(deadlineMs, () => {
      this.#link.close(this.#why ?? new KeyroomError("unavailable", "The server did not answer in time."));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settleOpen = { resolve, reject };
        this.#link.open();
      });
    } finally {
      cancel();
      this.#settleOpen = null;
    }
  }

  get session(): Push<"session"> {
    if (this.#session === null) throw new KeyroomError("unavailable", "There has been no session yet.");
    return this.#session;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  room(name: string): Room {
    return this.#room(name);
  }

  get(key: string): Promise<Entry | null> {
    return this.#own.get(key);
  }

  put(key: string, value: string, options?: WriteOptions): Promise<Output<"put">> {
    return this.#own.put(key, value, options);
  }

  delete(key: string, options?: WriteOptions): Promise<Output<"delete">> {
    return this.#own.delete(key, options);
  }

  list(options?: ListOptions): Promise<Output<"list">> {
    return this.#own.list(options);
  }

  watch(options?: WatchOptions): Watch {
    return this.#own.watch(options);
  }

  rooms(options: { readonly after?: string; readonly limit?: number } = {}): Promise<Output<"rooms">> {
    return this.#outbox.request("rooms", options);
  }

  async upgrade(passphrase?: string): Promise<Role> {
    const { role } = await this.#outbox.request("upgrade", passphrase === undefined ? {} : { passphrase });
    this.#roleIs(role);
    return role;
  }

  async promote(user: string): Promise<Role> {
    return (await this.#outbox.request("promote", { user })).role;
  }

  async demote(user: string): Promise<Role> {
    return (await this.#outbox.request("demote", { user })).role;
  }

  outcome(op: string): Promise<Output<"status">> {
    return this.#own.outcome(op);
  }

  async logout(): Promise<void> {
    await this.#outbox.request("logout", {});
    this.#link.close(new KeyroomError("unauthenticated", "You have logged out."));
  }

  close(): void {
    this.#link.close(new KeyroomError("unavailable", "The store was closed by this program."));
  }

  on<E extends keyof StoreEvents>(event: E, listener: StoreEvents[E]): () => void {
    const listeners: Set<StoreEvents[E]> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #room(name?: string): Room {
    return new RemoteRoom(this.#outbox, this.#watches, () => this.session.room, name);
  }

  #welcomed(session: Push<"session">): void {
    this.#session = session;
    this.#enter("connected", session.resumed ? "The session goes on." : "Signed in.");
    this.#tell("session", session);
    this.#outbox.connected(session.client, session.resumed);
    this.#watches.connected();
    this.#settleOpen?.resolve();
  }

  #waiting(why: KeyroomError): void {
    this.#why = why;
    this.#outbox.disconnected();
    this.#watches.disconnected();
    this.#enter("reconnecting", why.message);
  }

  #roleIs(role: Role): void {
    if (this.#session === null || this.#session.role === role) return;
    this.#session = { ...this.#session, role };
    this.#tell("role", role);
  }

  #closed(why: KeyroomError): void {
    this.#outbox.close(why);
    this.#watches.closed(why);
    this.#enter("closed", why.message);
    this.#settleOpen?.reject(why);
  }

  #enter(state: ConnectionState, why: string): void {
    this.#state = state;
    this.#tell("state", state, why);
  }

  #tell<E extends keyof StoreEvents>(event: E, ...args: Parameters<StoreEvents[E]>): void {
    tellAll(this.#listeners[event] as Set<(...args: Parameters<StoreEvents[E]>) => void>, ...args);
  }
}
