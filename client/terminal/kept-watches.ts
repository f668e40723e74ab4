/** Which rooms a user watches, and how far they were told, from one sign-in to the next. */
import type { SavedPosition, Store, Watch } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { tryLockFile } from "./file-lock.ts";
import { lastWords } from "./last-words.ts";
import { stateFile } from "./places.ts";
import { replaceFile } from "./replace-file.ts";
import { Soon } from "./soon.ts";
import { systemReason } from "./system-reason.ts";
import { makeFolder } from "./update-file.ts";
import { type Kept, readWatches, watchesText } from "./watch-file.ts";

/** However much happens, the file is written at most this often. */
const PERIOD_MS = 1_000;
/** At the end another's update is waited for, but not long. */
const LAST_TRIES = 100;
const LAST_WAIT_MS = 10;

export function watchesFile(env: NodeJS.ProcessEnv): string {
  return stateFile(env, "watches.json");
}

export interface KeptWatchesOptions {
  readonly file: string;
  /** Its URL. */
  readonly server: string;
  readonly store: Pick<Store, "session" | "state">;
  /** Told of trouble with the file, once, in a sentence. It is in nobody's way. */
  warn(sentence: string): void;
}

/** A room that was watched, and where to go on; undefined where nothing was told yet. */
export interface EarlierWatch {
  readonly room: string;
  readonly from: SavedPosition | undefined;
}

/**
 * The watches of one session, kept in a file. Several menus may be open at once: room by room, what was written last
 * counts.
 *
 *     const kept = new KeptWatches({ file, server, store, warn });
 *     for (const { room, from } of kept.earlier()) kept.follow(room, watch(room, from));
 *     …
 *     kept.close(); // before the session's watches and its store are
 */
export class KeptWatches {
  readonly #options: KeptWatchesOptions;
  readonly #user: string;
  readonly #watches = new Map<string, { readonly watch: Pick<Watch, "position">; readonly stop: () => void }>();
  /** Rooms that are watched no more, and may still be in the file. */
  readonly #gone = new Set<string>();
  readonly #soon = new Soon(PERIOD_MS, () => this.#write());
  readonly #stopWaiting: () => void;
  #hasWarned = false;

  constructor(options: KeptWatchesOptions) {
    this.#options = options;
    this.#user = options.store.session.user;
    this.#stopWaiting = lastWords(() => this.#writeLast());
  }

  /** What this user watched on this server when it was last kept, also through another menu. */
  earlier(): readonly EarlierWatch[] {
    return this.#read()
      .filter((kept) => this.#isMine(kept))
      .map(({ room, from }) => ({ room, from: from ?? undefined }));
  }

  /**
   * Keeps the room, and where `watch` stands, from now on. One that ends while the store is open, by the user, a refusal
   * or its room's end, is forgotten. Listens to the watch, so that it cannot be iterated.
   */
  follow(room: string, watch: Pick<Watch, "position" | "on">): void {
    this.#watches.get(room)?.stop();
    const stops = [
      watch.on("event", () => this.#soon.ask()),
      watch.on("state", (state) => {
        // A store that closes says so after its watches have.
        if (state === "closed") queueMicrotask(() => this.#ended(room, watch));
      }),
    ];
    const stop = (): void => {
      for (const each of stops) each();
    };
    this.#watches.set(room, { watch, stop });
    this.#soon.ask();
  }

  /** Writes what is to be written, and keeps nothing more. */
  close(): void {
    this.#stopWaiting();
    this.#writeLast();
    for (const { stop } of this.#watches.values()) stop();
    this.#watches.clear();
  }

  #ended(room: string, watch: Pick<Watch, "position">): void {
    if (this.#options.store.state === "closed" || this.#watches.get(room)?.watch !== watch) return;
    this.#watches.get(room)?.stop();
    this.#watches.delete(room);
    this.#gone.add(room);
    this.#soon.ask();
  }

  #write(): void {
    this.#guarded(() => {
      const release = tryLockFile(this.#lock);
      if (release === undefined) this.#soon.ask();
      else this.#replace(release);
    });
  }

  /** The process may be about to end, so it stands still for the lock; and does without where that takes too long. */
  #writeLast(): void {
    if (!this.#soon.cancel()) return;
    this.#guarded(() => {
      let release = tryLockFile(this.#lock);
      for (let tries = 1; release === undefined && tries < LAST_TRIES; tries++) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WAIT_MS);
        release = tryLockFile(this.#lock);
      }
      this.#replace(release);
    });
  }

  get #lock(): string {
    return `${this.#options.file}.lock`;
  }

  #replace(release: (() => void) | undefined): void {
    try {
      replaceFile(this.#options.file, watchesText(this.#merged()));
      this.#gone.clear();
    } finally {
      release?.();
    }
  }

  /** What is in the file, with what is known better here. */
  #merged(): readonly Kept[] {
    const { server } = this.#options;
    // All rooms take the place of single ones, also of those that another menu watched.
    const covers = (room: string) => this.#watches.has(room) || this.#watches.has(ALL_ROOMS);
    const isOld = (kept: Kept) => this.#isMine(kept) && (covers(kept.room) || this.#gone.has(kept.room));
    const others = this.#read().filter((kept) => !isOld(kept));
    const at = Date.now();
    const own = [...this.#watches].map(([room, { watch }]) => ({
      server,
      user: this.#user,
      room,
      from: watch.position,
      at,
    }));
    return [...own, ...others];
  }

  #isMine({ server, user }: Kept): boolean {
    return server === this.#options.server && user === this.#user;
  }

  #read(): readonly Kept[] {
    try {
      return readWatches(this.#options.file);
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  #guarded(write: () => void): void {
    try {
      makeFolder(this.#options.file);
      write();
    } catch (error) {
      this.#warn(`Cannot keep in ${this.#options.file} which rooms you watch: ${systemReason(error)}.`);
    }
  }

  #warn(sentence: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.warn(sentence);
  }
}
