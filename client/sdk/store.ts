import { KeyroomError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import { type LifeListener, Link, type PushListener } from "./link.ts";
import { LockLists } from "./lock-lists.ts";
import { Outbox } from "./outbox.ts";
import { RemoteRoom } from "./room.ts";
import { tellAll } from "./tell.ts";
import type { ConnectionState, ConnectOptions, Retry, Room, Store, StoreEvents, Watcher } from "./types.ts";
import { Watches } from "./watches.ts";
import type { OpenWire } from "./wire.ts";

const DEADLINE_MS = 10_000;

const FORGOTTEN = "Connected again, but the session is over. If the server was restarted, it has forgotten its keys.";

type Listeners = { readonly [E in keyof StoreEvents]: Set<StoreEvents[E]> };

export class RemoteStore extends RemoteRoom implements Store {
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #watches: Watches;
  readonly #lockLists: LockLists;
  readonly #audience: Audience;
  readonly #listeners: Listeners = {
    state: new Set(),
    session: new Set(),
    role: new Set(),
    watchers: new Set(),
    locks: new Set(),
  };
  #session: Push<"session"> | null = null;
  #state: ConnectionState = "reconnecting";
  #settleOpen: { resolve: () => void; reject: (error: KeyroomError) => void } | null = null;
  /** Why there is no session yet. */
  #why: KeyroomError | null = null;

  constructor(url: string, options: ConnectOptions, openWire: OpenWire, clock: Clock) {
    const send: Link["send"] = (...request) => this.#link.send(...request);
    const outbox = new Outbox(send, options.deadlineMs ?? DEADLINE_MS, clock);
    const watches = new Watches(send, clock);
    const lockLists = new LockLists(outbox);
    super(outbox, watches, lockLists, () => this.session.room);
    this.#clock = clock;
    this.#outbox = outbox;
    this.#watches = watches;
    this.#lockLists = lockLists;
    this.#audience = new Audience(outbox, (watchers) => this.#tell("watchers", watchers));
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
      answers: (push) => this.#outbox.answers(push),
      start: (push) => this.#watches.started(push),
      changes: (push) => this.#watches.changed(push),
      end: (push) => this.#watches.ended(push),
      watchers: (push) => this.#audience.changed(push),
      locks: (push) => {
        this.#lockLists.pushed(push);
        this.#tell("locks", push);
      },
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

  get retry(): Retry | null {
    return this.#link.retry;
  }

  room(name: string): Room {
    return new RemoteRoom(this.#outbox, this.#watches, this.#lockLists, () => name, name);
  }

  rooms(options: { readonly after?: string; readonly limit?: number } = {}): Promise<Output<"rooms">> {
    return this.#outbox.request("rooms", options);
  }

  watchers(): Promise<readonly Watcher[]> {
    return this.#audience.ask();
  }

  async ping(): Promise<number> {
    let took = 0;
    // That of no watch: there is hardly anything to do, and it leaves in a message of its own.
    await this.#outbox.request("unwatch", { watch: "" }, (_, ms) => {
      took = ms;
    });
    return took;
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

  async logout(): Promise<void> {
    await this.#outbox.request("logout", {});
    this.#link.close(new KeyroomError("unauthenticated", "You have logged out."));
  }

  close(): void {
    // Nothing that can be retried: no call will ever succeed.
    this.#link.close(new KeyroomError("invalid", "The store was closed by this program."));
  }

  on<E extends keyof StoreEvents>(event: E, listener: StoreEvents[E]): () => void {
    const listeners: Set<StoreEvents[E]> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #welcomed(session: Push<"session">): void {
    const isFirst = this.#session === null;
    this.#session = session;
    this.#enter("connected", isFirst ? "Signed in." : session.resumed ? "Connected again." : FORGOTTEN);
    this.#tell("session", session);
    this.#outbox.connected(session);
    this.#watches.connected();
    this.#audience.connected();
    this.#lockLists.connected();
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

  /** A listener may have closed it, before all that belongs to another state was done. */
  #enter(state: ConnectionState, why: string): void {
    if (this.#state === "closed") return;
    this.#state = state;
    this.#tell("state", state, why);
  }

  #tell<E extends keyof StoreEvents>(event: E, ...args: Parameters<StoreEvents[E]>): void {
    tellAll(this.#listeners[event] as Set<(...args: Parameters<StoreEvents[E]>) => void>, ...args);
  }
}
