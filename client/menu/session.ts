import type { Notice } from "../notices/notice.ts";
import { Watching } from "../notices/watching.ts";
import type { ConnectionState, Role, Room, Store } from "../sdk/index.ts";

/** The session is over, and not by this menu; the message says why. */
export class SessionEnded extends Error {}

/** What happened unasked, for the user to read. */
export type Announce = (news: string) => void;

/** Shows what happened in watched rooms. */
export type Show = (notices: readonly Notice[]) => void;

/** A signed-in user at work: the store, the room worked in, and what changes meanwhile. */
export class MenuSession {
  readonly store: Store;
  readonly watching: Watching;
  readonly #announce: Announce;
  readonly #ended = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #stops: readonly (() => void)[];
  #role: Role;
  #state: ConnectionState = "connected";
  #others: string | null = null;
  #leaving = false;

  constructor(store: Store, announce: Announce, show: Show) {
    this.store = store;
    this.#announce = announce;
    this.watching = new Watching(store, {
      show,
      liveAgain: () => announce("Watching goes on."),
      changed: () => this.#changed(),
    });
    this.#role = store.session.role;
    this.#stops = [
      store.on("state", (state, why) => this.#onState(state, why)),
      store.on("role", (role) => this.noteRole(role)),
      store.on("session", ({ role }) => this.noteRole(role)),
    ];
    if (store.state === "closed") this.#ended.abort(new SessionEnded("The connection was closed."));
  }

  /** Aborted with a `SessionEnded` when the connection is closed for good. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get role(): Role {
    return this.#role;
  }

  /** Whose room is worked in, or null in one's own. */
  get others(): string | null {
    return this.#others;
  }

  get room(): Room {
    return this.#others === null ? this.store : this.store.room(this.#others);
  }

  /** Whose room that is. */
  get roomName(): string {
    return this.#others ?? this.store.session.room;
  }

  /** A write there, of which the user is told by its answer. */
  write<T extends { readonly revision: number | null }>(run: (room: Room) => Promise<T>): Promise<T> {
    return this.watching.write(this.roomName, () => run(this.room));
  }

  /** Works in another user's room from now on; null is one's own. */
  enter(name: string | null): void {
    this.#others = name === this.store.session.user ? null : name;
    this.#changed();
  }

  /** Called on all that a header or a choice may depend on; returns what stops that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Says so if it is news. A change is heard of by a push, an answer and a reconnect, in any order. */
  noteRole(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    const sentBack = role === "guest" && this.#others !== null;
    this.#others = role === "guest" ? null : this.#others;
    this.#announce(`You are a ${role} now.${sentBack ? " You are back in your own room." : ""}`);
    this.#changed();
  }

  /** Ends the session on the server, too. */
  async logout(): Promise<void> {
    this.#leaving = true;
    try {
      await this.store.logout();
    } finally {
      this.#leaving = false;
    }
    this.leave();
  }

  /** Hears no more, and closes. */
  leave(): void {
    for (const stop of this.#stops) stop();
    this.watching.stop();
    this.store.close();
  }

  #onState(state: ConnectionState, why: string): void {
    // Each further failure to reconnect is reported, too.
    if (state === this.#state) return;
    this.#state = state;
    switch (state) {
      case "connected":
        this.#announce(why);
        break;
      case "stale":
        this.#announce(`${why} Still waiting…`);
        break;
      case "reconnecting":
        this.#announce(`${why} Reconnecting…`.trimStart());
        break;
      case "closed":
        if (!this.#leaving) this.#ended.abort(new SessionEnded(why));
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
