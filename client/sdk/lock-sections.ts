/**
 * Functions of the program that run under locks. Locks belong to the session, which may take twice what it has, and gives
 * up at once; so of the functions of one store only one at a time has a key, also where two would share it.
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

const BUSY = "Another withLock of this store has it, perhaps the one around this.";

interface Section {
  readonly room: string;
  readonly keys: readonly string[];
  /** Its keys, told from those of other rooms. */
  readonly places: readonly string[];
  readonly mode: LockMode;
  readonly controller: AbortController;
  state: "waiting" | "asking" | "refused" | "held" | "ending";
  /** Of its grant. */
  fence: number;
  /** Called when it comes first for each of its keys. */
  start: () => void;
}

export class LockSections {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #heardAt: () => number;
  readonly #all = new Set<Section>();
  /** By place: who has the key or is next, and who comes behind that, in the order in which they began. */
  readonly #queues = new Map<string, Set<Section>>();
  #graceMs = 0;
  #closed: KeyroomError | null = null;
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
    this.#enter(section);
    try {
      await this.#take(section, options);
      signal.throwIfAborted();
      const result = await body({ fence: section.fence, signal, keys: section.keys });
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
    for (const section of this.#all) {
      if (!resumed) lose(section, "the session is over.");
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
      else for (const section of this.#all) lose(section, "the server was silent for too long.");
    });
  }

  heard(): void {
    this.#cancelTimer();
  }

  closed(why: KeyroomError): void {
    this.heard();
    this.#closed = why;
    for (const section of this.#all) {
      lose(section, why.message);
      if (section.state === "waiting") section.controller.abort(why);
    }
  }

  pushed({ room, lost }: Push<"locks">): void {
    if (lost === undefined) return;
    for (const key of lost.keys) {
      const section = this.#firstAt(placeOf(room, key));
      if (section !== undefined) lose(section, lost.message);
    }
  }

  #enter(section: Section): void {
    this.#all.add(section);
    for (const place of section.places) {
      const queue = this.#queues.get(place) ?? new Set();
      this.#queues.set(place, queue.add(section));
    }
  }

  #leave(section: Section): void {
    this.#all.delete(section);
    const next = new Set<Section>();
    for (const place of section.places) {
      const queue = this.#queues.get(place);
      queue?.delete(section);
      if (queue?.size === 0) this.#queues.delete(place);
      const first = this.#firstAt(place);
      if (first !== undefined) next.add(first);
    }
    for (const first of next) if (this.#isFirst(first)) first.start();
  }

  #firstAt(place: string): Section | undefined {
    return this.#queues.get(place)?.values().next().value;
  }

  /** Nobody who shares a key with it began before it and is there still. */
  #isFirst(section: Section): boolean {
    return section.places.every((place) => this.#firstAt(place) === section);
  }

  async #take(section: Section, options: Omit<LockOptions, "mode">): Promise<void> {
    const { room, keys, mode } = section;
    const until = this.#clock.monotonic() + (options.waitMs ?? WAIT_MS);
    await this.#turn(section, until);
    section.state = "asking";
    const waitMs = Math.max(0, Math.floor(until - this.#clock.monotonic()));
    try {
      // In the turn of the answer: that it is lost again may be pushed right behind it.
      await this.#outbox.request("lock", { room, keys, mode, ...options, waitMs }, ({ fence }) => {
        section.state = "held";
        section.fence = fence;
      });
    } catch (error) {
      if (!isOpen(error)) section.state = "refused";
      throw error;
    }
  }

  /** Resolves when it comes first. */
  async #turn(section: Section, until: number): Promise<void> {
    if (this.#closed !== null) throw this.#closed;
    if (this.#isFirst(section)) return;
    const { signal } = section.controller;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(until - this.#clock.monotonic(), () => {
        reject(new KeyroomError("locked", BUSY));
      });
      signal.onabort = () => {
        cancel();
        reject(signal.reason);
      };
      section.start = () => {
        cancel();
        resolve();
      };
    });
  }

  /**
   * Whether it was lost while there was no connection: then a lock that is asked for again is refused, or is another one,
   * which is given up at once.
   */
  #confirm(section: Section): void {
    const { room, keys, mode } = section;
    const gone = (): void => lose(section, "it was gone after a reconnect.");
    this.#outbox.request("lock", { room, keys, mode }).then(
      ({ fence }) => {
        if (fence <= section.fence) return;
        gone();
        this.#outbox.request("unlock", { room, keys }).catch(() => undefined);
      },
      (error: unknown) => {
        if (!isOpen(error)) gone();
      },
    );
  }

  /** Resolves when the locks are given up or the deadline is over: then it goes on trying. Others wait until it is done. */
  async #end(section: Section): Promise<void> {
    const { room, keys, state } = section;
    if (state !== "waiting" && state !== "refused") {
      section.state = "ending";
      try {
        await this.#outbox.request("unlock", { room, keys });
      } catch (error) {
        if (isOpen(error) && this.#closed === null) {
          void this.#end(section);
          return;
        }
      }
    }
    this.#leave(section);
  }
}

function newSection(room: string, keys: readonly string[], mode: LockMode): Section {
  const controller = new AbortController();
  const places = keys.map((key) => placeOf(room, key));
  return { room, keys, places, mode, controller, state: "waiting", fence: 0, start: () => undefined };
}

function placeOf(room: string, key: string): string {
  return JSON.stringify([room, key]);
}

/** Nothing to one that holds none, or none any more. */
function lose({ state, controller }: Section, why: string): void {
  if (state === "held") controller.abort(new KeyroomError("stale_fence", `The lock was lost: ${why}`));
}

/** Whether it may have happened, or may still. */
function isOpen(error: unknown): boolean {
  const { code } = asKeyroomError(error);
  return code === "timeout" || code === "unknown_outcome";
}
