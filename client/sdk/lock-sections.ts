/**
 * Functions of the program that run under locks. Locks belong to the session, which may take twice what it has: that two
 * such functions of one store exclude each other is seen to here.
 *
 *     waits for earlier sections ──▶ asks the server ──▶ runs ──▶ gives up ──▶ over
 *                  │ waitMs, closed          │ refused               │  ▲
 *                  └─────────────────────────┴───────────────────────┘  └ again, while nobody knows whether it is done
 */
import { asKeyroomError, KeyroomError } from "../../protocol/errors.ts";
import type { LockMode } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Clock } from "./clock.ts";
import type { Outbox } from "./outbox.ts";
import type { HeldLock, LockOptions } from "./types.ts";

const WAIT_MS = 10_000;

const BUSY =
  "Another withLock of this program has one of the keys, or came first, and the wait is over. " +
  "A function that runs under a lock cannot take it again.";

const REASONS: Readonly<Record<string, string>> = {
  lease: "its lease was over",
  revoked: "the right to it was",
  deleted: "the room was deleted",
};

interface Section {
  readonly room: string;
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly controller: AbortController;
  state: "waiting" | "asking" | "held" | "ending";
  /** Keys that the session may hold and that no other section gives up. */
  readonly owed: Set<string>;
  readonly over: Promise<void>;
  readonly leave: () => void;
}

export class LockSections {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #heardAt: () => number;
  /** In the order in which they began. */
  readonly #all = new Set<Section>();
  /** The newest fence of each room. */
  readonly #fences = new Map<string, number>();
  #graceMs = 0;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;

  /** @param heardAt ms by the clock, when the server was heard last */
  constructor(outbox: Outbox, clock: Clock, heardAt: () => number) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#heardAt = heardAt;
  }

  async run<T>(
    room: string,
    keys: readonly string[],
    { mode = "exclusive", ...options }: LockOptions,
    body: (lock: HeldLock) => T | Promise<T>,
  ): Promise<T> {
    const section = newSection(room, [...keys], mode);
    const { signal } = section.controller;
    const earlier = [...this.#all].filter((other) => excludes(other, section));
    this.#all.add(section);
    try {
      const fence = await this.#take(section, earlier, options);
      signal.throwIfAborted();
      const result = await body({ fence, signal, keys: section.keys });
      signal.throwIfAborted();
      return result;
    } finally {
      await this.#end(section);
    }
  }

  /** The server is there, and knows the session still or does not. */
  connected({ resumed, graceMs }: Pick<Push<"session">, "resumed" | "graceMs">): void {
    this.heard();
    this.#graceMs = graceMs;
    if (!resumed) this.#fences.clear();
    for (const section of this.#all) {
      if (!resumed) lose(section, "the session is over");
      else if (section.state === "held") this.#confirm(section);
    }
  }

  /** Nothing is heard for now: what is held is held until the server may have given up the session. */
  silent(): void {
    this.heard();
    const leftMs = (): number => this.#heardAt() + this.#graceMs - this.#clock.monotonic();
    this.#cancelTimer = this.#clock.after(leftMs(), () => {
      // It may have said something, though its heartbeat has not come.
      if (leftMs() > 0) this.silent();
      else for (const section of this.#all) lose(section, "the server was not heard for as long as it keeps a session");
    });
  }

  heard(): void {
    this.#cancelTimer();
  }

  closed(why: KeyroomError): void {
    this.heard();
    this.#isClosed = true;
    for (const section of this.#all) {
      lose(section, why.message);
      if (section.state === "waiting") section.controller.abort(why);
    }
  }

  pushed({ room, lost }: Push<"locks">): void {
    if (lost === undefined) return;
    const { keys, reason } = lost;
    for (const section of this.#all) {
      if (section.room === room && sharesKey(section.keys, keys)) lose(section, REASONS[reason] ?? reason);
    }
  }

  async #take(section: Section, earlier: readonly Section[], options: Omit<LockOptions, "mode">): Promise<number> {
    const { room, keys, mode, owed } = section;
    const until = this.#clock.monotonic() + (options.waitMs ?? WAIT_MS);
    await this.#turn(section, earlier, until);
    section.state = "asking";
    const waitMs = Math.max(0, Math.floor(until - this.#clock.monotonic()));
    try {
      // In the turn of the answer: that it is lost again may be pushed right behind it.
      const { fence } = await this.#outbox.request("lock", { room, keys, mode, ...options, waitMs }, (granted) => {
        section.state = "held";
        this.#fences.set(room, Math.max(granted.fence, this.#fences.get(room) ?? 0));
        for (const key of keys) owed.add(key);
      });
      return fence;
    } catch (error) {
      if (isOpen(error)) for (const key of keys) owed.add(key);
      throw error;
    }
  }

  /** Resolves when all sections are over that were there first and are in the way. */
  #turn({ controller: { signal } }: Section, earlier: readonly Section[], until: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(until - this.#clock.monotonic(), () => {
        reject(new KeyroomError("locked", BUSY));
      });
      signal.onabort = () => {
        cancel();
        reject(signal.reason);
      };
      void Promise.all(earlier.map(({ over }) => over)).then(() => {
        cancel();
        resolve(null);
      });
    });
  }

  /** Whether it was lost while there was no connection: then a lock that is asked for again is another one, or refused. */
  #confirm(section: Section): void {
    const { room, keys, mode } = section;
    const lost = (): void => lose(section, "it was gone when the connection was back");
    this.#outbox.request("lock", { room, keys, mode }).then(
      ({ fence }) => {
        if (fence > (this.#fences.get(room) ?? 0)) lost();
      },
      (error: unknown) => {
        if (!isOpen(error)) lost();
      },
    );
  }

  /** Resolves when the locks are given up or the deadline is over: then it goes on trying. Others wait until it is done. */
  async #end(section: Section): Promise<void> {
    section.state = "ending";
    const keys = [...section.owed].filter((key) => this.#heir(section, key)?.owed.add(key) === undefined);
    try {
      if (keys.length > 0) await this.#outbox.request("unlock", { room: section.room, keys });
    } catch (error) {
      if (isOpen(error) && !this.#isClosed) {
        void this.#end(section);
        return;
      }
    }
    this.#all.delete(section);
    section.leave();
  }

  /** Another section that shares the key by now. */
  #heir({ room }: Section, key: string): Section | undefined {
    const isAt = ({ state }: Section): boolean => state === "asking" || state === "held";
    return [...this.#all].find((other) => isAt(other) && other.room === room && other.keys.includes(key));
  }
}

function newSection(room: string, keys: readonly string[], mode: LockMode): Section {
  let leave = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const controller = new AbortController();
  return { room, keys, mode, controller, state: "waiting", owed: new Set(), over, leave };
}

/** Nothing to one that holds none, or none any more. */
function lose({ state, controller }: Section, why: string): void {
  if (state === "held") controller.abort(new KeyroomError("stale_fence", `The lock was lost: ${why}.`));
}

function excludes(one: Section, other: Section): boolean {
  const bothShare = one.mode === "shared" && other.mode === "shared";
  return !bothShare && one.room === other.room && sharesKey(one.keys, other.keys);
}

function sharesKey(some: readonly string[], others: readonly string[]): boolean {
  return some.some((key) => others.includes(key));
}

/** Whether it may have happened, or may still. */
function isOpen(error: unknown): boolean {
  const { code } = asKeyroomError(error);
  return code === "timeout" || code === "unknown_outcome";
}
