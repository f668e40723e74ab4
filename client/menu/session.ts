import type { Recovery } from "../notices/catch-up.ts";
import type { Notice } from "../notices/notice.ts";
import { Watching } from "../notices/watching.ts";
import type { ConnectionState, Role, Store, Watcher } from "../sdk/index.ts";
import type { KeptWatches } from "../terminal/kept-watches.ts";
import { Feed } from "./feed.ts";
import { Leaving, SessionEnded } from "./leaving.ts";
import { OwnLocks } from "./own-locks.ts";
import { Pulse } from "./pulse.ts";
import { Workroom } from "./workroom.ts";
import { Writes } from "./writes.ts";

/** How long it is worth telling that a cut is over. */
const RECOVERY_MS = 15_000;

/** What happened unasked, for the user to read. */
export type Announce = (news: string) => void;

/** Shows what happened in watched rooms, and answers whether it did. */
export type Show = (notices: readonly Notice[]) => boolean;

/** A signed-in user at work: the store, the room worked in, and what changes meanwhile. */
export class MenuSession {
  readonly store: Store;
  readonly watching: Watching;
  readonly feed = new Feed();
  readonly writes: Writes;
  readonly locks: OwnLocks;
  readonly #pulse: Pulse;
  readonly #announce: Announce;
  readonly #ended = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #stops: readonly (() => void)[];
  #role: Role;
  #state: ConnectionState = "connected";
  #room: Workroom;
  #isLoggingOut = false;
  #recovery: Recovery | null = null;
  #recoveryTimer: NodeJS.Timeout | undefined;
  #command: readonly string[] = [];
  #watchers: readonly Watcher[] = [];

  /** @param kept where the watches are kept, if anywhere */
  constructor(store: Store, announce: Announce, show: Show, kept: Pick<KeptWatches, "follow"> | null = null) {
    this.store = store;
    this.#announce = announce;
    this.writes = new Writes(announce, () => this.#changed());
    const tell = (notices: readonly Notice[]): void => {
      this.feed.add(notices, show(notices));
      this.#changed();
    };
    this.locks = new OwnLocks(store, {
      lost: (room, keys, why) => tell([{ kind: "lost", room, at: Date.now(), keys, why }]),
      changed: () => this.#changed(),
    });
    this.watching = new Watching(store, {
      show: tell,
      opened: (room, watch) => kept?.follow(room, watch),
      liveAgain: (recovery) => this.#recovered(recovery),
      changed: () => this.#changed(),
    });
    this.#role = store.session.role;
    this.#room = new Workroom(store, this.watching, null);
    this.#stops = [
      store.on("state", (state, why) => this.#onState(state, why)),
      store.on("role", (role) => this.noteRole(role)),
      store.on("session", ({ role }) => this.noteRole(role)),
      store.on("watchers", (watchers) => this.#watchedBy(watchers)),
    ];
    this.#pulse = new Pulse(store, () => this.#changed());
    // Where it cannot be asked, nobody is named.
    store.watchers().then(
      (watchers) => this.#watchedBy(watchers),
      () => undefined,
    );
    if (store.state === "closed") this.#ended.abort(new SessionEnded("The connection was closed."));
  }

  /** Aborted when the connection is closed for good: with `Leaving` by a logout, else with `SessionEnded`. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get role(): Role {
    return this.#role;
  }

  get room(): Workroom {
    return this.#room;
  }

  /** How the last cut ended, while that is news. */
  get recovery(): Recovery | null {
    return this.#recovery;
  }

  /** Ms to the server and back; null until it was measured. */
  get roundTripMs(): number | null {
    return this.#pulse.roundTripMs;
  }

  /** Who else watches the user's own room. */
  get watchers(): readonly Watcher[] {
    return this.#watchers;
  }

  /** The words of the one-shot command that does what was done last; none before the first. */
  get command(): readonly string[] {
    return this.#command;
  }

  /** Remembers how a script would do what has just been asked for, in `room` where that matters. */
  asCommand(words: readonly string[], room?: Workroom): void {
    const others = room?.others ?? null;
    this.#command = others === null ? words : [...words, "--room", others];
  }

  /** Resolves with null when there is no connection to wait on; `stop` gives the listener up. */
  connectionLost(): { readonly promise: Promise<null>; readonly stop: () => void } {
    let stop = (): void => undefined;
    const promise = new Promise<null>((resolve) => {
      if (this.store.state === "reconnecting") resolve(null);
      stop = this.store.on("state", (state) => {
        if (state === "reconnecting") resolve(null);
      });
    });
    return { promise, stop };
  }

  /** Works in another user's room from now on; null is one's own. */
  enter(name: string | null): void {
    this.#room = new Workroom(this.store, this.watching, name === this.store.session.user ? null : name);
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
    const isSentBack = role === "guest" && this.#room.others !== null;
    if (isSentBack) this.enter(null);
    this.#announce(`You are a ${role} now.${isSentBack ? " You are back in your own room." : ""}`);
    this.#changed();
  }

  /** Ends the session, on the server, too: then `ended` is aborted, whether or not anybody still waits for it. */
  async logout(): Promise<void> {
    this.#isLoggingOut = true;
    try {
      await this.store.logout();
    } finally {
      this.#isLoggingOut = false;
    }
  }

  /** Tells what has come, hears no more, and closes. */
  leave(): void {
    this.watching.flush();
    clearTimeout(this.#recoveryTimer);
    this.#pulse.stop();
    for (const stop of this.#stops) stop();
    this.watching.stop();
    this.locks.stop();
    this.store.close();
  }

  #onState(state: ConnectionState, why: string): void {
    // Each further failure to reconnect is reported, too.
    if (state === this.#state) return;
    this.#state = state;
    // What was told of an earlier cut is not true of this one.
    if (state !== "connected") this.#recovery = null;
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
        // Also where the answer to a logout was lost, and its token is refused.
        this.#ended.abort(this.#isLoggingOut ? new Leaving("logged out") : new SessionEnded(why));
    }
    this.#changed();
  }

  #watchedBy(watchers: readonly Watcher[]): void {
    this.#watchers = watchers;
    this.#changed();
  }

  #recovered(recovery: Recovery): void {
    this.#announce(`Watching goes on: ${meanwhile(recovery)}.`);
    this.#recovery = recovery;
    clearTimeout(this.#recoveryTimer);
    this.#recoveryTimer = setTimeout(() => {
      this.#recovery = null;
      this.#changed();
    }, RECOVERY_MS);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function meanwhile({ gap, replayed }: Recovery): string {
  if (gap) return "not every change since is known";
  if (replayed === 0) return "nothing happened meanwhile";
  return `${replayed} change${replayed === 1 ? " was" : "s were"} missed, and told now`;
}
