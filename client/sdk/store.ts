import { KeyroomError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/fields.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import { type LifeListener, Link, type PushListener } from "./link.ts";
import { LockLists } from "./lock-lists.ts";
import { LockSections } from "./lock-sections.ts";
import { Outbox } from "./outbox.ts";
import { RemoteRoom, type RoomParts } from "./room.ts";
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
  readonly #parts: RoomParts;
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
    const parts: RoomParts = {
      outbox,
      watches: new Watches(send, clock),
      lockLists: new LockLists(outbox),
      sections: new LockSections(outbox, clock, () => this.#link.heardAt),
    };
    super(parts, () => this.session.room);
    this.#clock = clock;
    this.#parts = parts;
    this.#audience = new Audience(outbox, (watchers) => this.#tell("watchers", watchers));
    const { watches, lockLists, sections } = parts;
    const listener: LifeListener = {
      session: (session) => this.#welcomed(session),
      silent: (why) => {
        sections.silent();
        watches.silent(why);
        this.#enter("stale", why);
      },
      heard: () => {
        sections.heard();
        this.#enter("connected", "The server answers again.");
        watches.heard();
      },
      waiting: (why) => this.#waiting(why),
      closed: (why) => this.#closed(why),
    };
    const pushes: PushListener = {
      role: ({ role }) => this.#roleIs(role),
      answers: (push) => outbox.answers(push),
      start: (push) => watches.started(push),
      changes: (push) => watches.changed(push),
      end: (push) => watches.ended(push),
      watchers: (push) => this.#audience.changed(push),
      locks: (push) => {
        lockLists.pushed(push);
        sections.pushed(push);
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
    return new RemoteRoom(this.#parts, () => name, name);
  }

  rooms(options: { readonly after?: string; readonly limit?: number } = {}): Promise<Output<"rooms">> {
    return this.#parts.outbox.request("rooms", options);
  }

  watchers(): Promise<readonly Watcher[]> {
    return this.#audience.ask();
  }

  async ping(): Promise<number> {
    let took = 0;
    // That of no watch: there is hardly anything to do, and it leaves in a message of its own.
    await this.#parts.outbox.request("unwatch", { watch: "" }, (_, ms) => {
      took = ms;
    });
    return took;
  }

  async upgrade(passphrase?: string): Promise<Role> {
    const { role } = await this.#parts.outbox.request("upgrade", passphrase === undefined ? {} : { passphrase });
    this.#roleIs(role);
    return role;
  }

  async promote(user: string): Promise<Role> {
    return (await this.#parts.outbox.request("promote", { user })).role;
  }

  async demote(user: string): Promise<Role> {
    return (await this.#parts.outbox.request("demote", { user })).role;
  }

  async logout(): Promise<void> {
    await this.#parts.outbox.request("logout", {});
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
    this.#parts.outbox.connected(session);
    this.#parts.watches.connected();
    this.#audience.connected();
    this.#parts.lockLists.connected();
    this.#parts.sections.connected(session);
    this.#settleOpen?.resolve();
  }

  #waiting(why: KeyroomError): void {
    this.#why = why;
    this.#parts.sections.silent();
    this.#parts.outbox.disconnected();
    this.#parts.watches.disconnected();
    this.#enter("reconnecting", why.message);
  }

  #roleIs(role: Role): void {
    if (this.#session === null || this.#session.role === role) return;
    this.#session = { ...this.#session, role };
    this.#tell("role", role);
  }

  #closed(why: KeyroomError): void {
    this.#parts.outbox.close(why);
    this.#parts.watches.closed(why);
    this.#parts.sections.closed(why);
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
