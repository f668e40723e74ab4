import { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
import type { Position, Role } from "../../protocol/fields.ts";
import type { Engine } from "../../server/engine/port.ts";
import type { EventOf, History, HistoryEvent } from "./history.ts";

/** More than any history has. */
const MOST_LOCKS = 10_000;

/** Keeps what clients (see `RecordedStore`) and, where there is one, a witness of the engine see. */
export class Recorder {
  readonly #events: HistoryEvent[] = [];
  readonly #times: number[] = [];
  readonly #now: (() => number) | null;
  readonly #live = new Set<number>();
  #calls = 0;
  #watches = 0;

  /** @param now ms, by a clock that never jumps; without it, the history has no times */
  constructor(now: (() => number) | null = null) {
    this.#now = now;
  }

  /** What was recorded up to now; later events do not change it. */
  history(options: Omit<History, "events" | "times"> = {}): History {
    return { ...options, events: [...this.#events], ...(this.#now === null ? {} : { times: [...this.#times] }) };
  }

  record(event: HistoryEvent): void {
    this.#events.push(event);
    if (this.#now !== null) this.#times.push(this.#now());
  }

  /** The number of a new call. */
  invoked(call: Omit<EventOf<"invoked">, "kind" | "call">): number {
    const number = ++this.#calls;
    this.record({ kind: "invoked", call: number, ...call });
    return number;
  }

  /** The number of a new watch. */
  opened(watch: Omit<EventOf<"opened">, "kind" | "watch">): number {
    const number = ++this.#watches;
    this.#live.add(number);
    this.record({ kind: "opened", watch: number, ...watch });
    return number;
  }

  /** The watch is closed: nothing more is due. */
  over(watch: number): void {
    this.#live.delete(watch);
  }

  failed(watch: number, error: unknown): void {
    this.over(watch);
    this.record({ kind: "failed", watch, code: codeOf(error) });
  }

  /** Nothing is under way any more, and whoever iterates has taken everything: every open watch must be complete. */
  quiet(): void {
    for (const watch of this.#live) this.record({ kind: "quiet", watch });
  }

  /** As a witness at the server: how the locks stand when nothing is under way any more. */
  async atRest(engine: Engine, rooms: readonly string[]): Promise<void> {
    for (const room of rooms) {
      const [locks] = await engine.run(room, [{ kind: "locks", limit: MOST_LOCKS }]);
      if (locks?.kind === "locks") this.record({ kind: "rest", room, holders: locks.holders, waiters: locks.waiters });
    }
  }

  /** The role with which a user was first seen, or that the operator gave him. */
  roleIs(user: string, role: Role): void {
    this.record({ kind: "role", user, role, phase: "answered" });
  }

  /** As `roleIs`, unless something is known of the user already: what a client was told may be of the past. */
  signedIn(user: string, role: Role): void {
    const isKnown = this.#events.some((event) => event.kind === "role" && event.user === user);
    if (!isKnown) this.roleIs(user, role);
  }

  /** The server is about to stop, with everything in it. Call the returned function when the next one may answer. */
  restarting(): () => void {
    this.record({ kind: "lost", room: null, phase: "begun" });
    return () => this.record({ kind: "lost", room: null, phase: "done" });
  }

  /**
   * Follows an engine as a witness of everything that it commits to these rooms. Call it before the first client's call,
   * and for each new engine before its first.
   */
  witness(engine: Engine, rooms: readonly string[]): () => void {
    const stops = rooms.map((room) => {
      this.record({ kind: "witnessed", room });
      return engine.follow(room, {
        committed: (change, { epoch }: Position) => this.record({ kind: "committed", room, epoch, change }),
        deleted: () => {
          this.record({ kind: "lost", room, phase: "begun" });
          this.record({ kind: "lost", room, phase: "done" });
        },
      });
    });
    return () => {
      for (const stop of stops) stop();
    };
  }
}

/** Anything that is no KeyroomError is a fault, of which nothing is known. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof KeyroomError ? error.code : "internal";
}
