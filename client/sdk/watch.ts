/**
 * A standing question that survives reconnects: its consumer sees one unbroken sequence.
 *
 *     connecting ──answer──▶ live ──connection lost──▶ resuming ──answer: changes──▶ live
 *         │                   │ ▲                         │
 *         │                   │ └──── gap ◀──answer: gap──┘
 *         └─── refused, room deleted, close() ──▶ closed ◀┘
 *
 * Replicas stand where the server's next answer has to begin; the position, which may be saved, is behind the last event
 * that was handed out: others may still wait for whoever iterates.
 */
import type { KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Input, Output } from "../../protocol/requests.ts";
import { EventBuffer } from "./event-buffer.ts";
import { Replica, type WatchEvent } from "./replica.ts";
import { tellAll } from "./tell.ts";
import type { SavedPosition, Watch, WatchListeners, WatchState } from "./types.ts";

const ALL_ROOMS = "*";

/** Events that may wait for whoever iterates; beyond, the watch pauses and goes on from the server's log later. */
const MAX_WAITING = 10_000;

/** An epoch that no server has: to ask from there is to ask for a gap. */
const NOWHERE: Position = { epoch: "", revision: 0, tag: 0 };

/** What a watch needs of its connection. */
export interface WatchHooks {
  /** Asks the server, now or as soon as there is a session, and calls `answered` or `refused`. */
  ask(watch: RemoteWatch): void;
  /** The question is not asked any more, for now or for good. */
  drop(watch: RemoteWatch): void;
}

export class RemoteWatch implements Watch {
  readonly #question: Pick<Input<"watch">, "key" | "prefix" | "copy"> & { readonly room: string };
  readonly #hooks: WatchHooks;
  readonly #replicas = new Map<string, Replica>();
  readonly #buffer = new EventBuffer<WatchEvent>();
  readonly #handedOut = new Map<string, Position>();
  readonly #listeners: { readonly [E in keyof WatchListeners]: Set<WatchListeners[E]> } = {
    event: new Set(),
    state: new Set(),
  };
  #state: WatchState = "connecting";
  #isPaused = false;
  #isLost = false;

  constructor(question: RemoteWatch["question"], from: SavedPosition | undefined, hooks: WatchHooks) {
    this.#question = question;
    this.#hooks = hooks;
    if (from === undefined) return;
    const saved = question.room === ALL_ROOMS ? Object.entries(from) : [[question.room, from] as const];
    for (const [room, position] of saved) {
      this.#replicas.set(room, new Replica(room, position as Position));
      this.#handedOut.set(room, position as Position);
    }
  }

  get question(): Pick<Input<"watch">, "key" | "prefix" | "copy"> & { readonly room: string } {
    return this.#question;
  }

  get state(): WatchState {
    return this.#state;
  }

  get position(): SavedPosition | null {
    if (this.#question.room === ALL_ROOMS) return Object.fromEntries(this.#handedOut);
    return this.#handedOut.get(this.#question.room) ?? null;
  }

  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void {
    const listeners: Set<WatchListeners[E]> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    try {
      for (;;) {
        const taken = await this.#buffer.take();
        if (taken === null) return;
        if (this.#buffer.size === 0) this.#unpause();
        this.#moveBehind(taken.event);
        yield taken.event;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#close(undefined);
  }

  /** The payload with which to ask now. */
  get payload(): Input<"watch"> {
    const from = this.#isLost ? NOWHERE : this.#told;
    const isNews = from !== null && Object.keys(from).length > 0;
    return { ...this.#question, ...(isNews ? { from: from as NonNullable<Input<"watch">["from"]> } : {}) };
  }

  get #told(): SavedPosition | null {
    if (this.#question.room !== ALL_ROOMS) return this.#replicas.get(this.#question.room)?.position ?? null;
    const told = [...this.#replicas].flatMap(([room, { position }]) => (position === null ? [] : [[room, position]]));
    return Object.fromEntries(told);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  connectionLost(): void {
    this.#resume("The connection is lost.");
  }

  answered(answer: Output<"watch">): void {
    this.#isLost = false;
    const { room } = this.#question;
    if (room !== ALL_ROOMS && answer.position !== undefined) {
      this.#begin(room, { ...answer, position: answer.position });
    }
    this.#goLive(answer.more);
  }

  refused(error: KeyroomError): void {
    if (error.code === "future_position") {
      // The server has lost what this watch has seen: what differs is told as a gap.
      this.#isLost = true;
      this.#hooks.ask(this);
    } else this.#close(error);
  }

  started(push: Push<"start">): void {
    this.#begin(push.room, push);
    this.#goLive(push.more);
  }

  changed({ room, position, changes }: Push<"changes">): void {
    this.#hand(room, this.#replica(room).changed(position, changes));
  }

  ended({ room, reason }: Push<"end">): void {
    this.#replicas.delete(room);
    this.#hand(room, [{ kind: "end", room, reason }]);
    if (room === this.#question.room) this.#close(undefined);
  }

  /** The store is closed. */
  storeClosed(why: KeyroomError): void {
    this.#close(why);
  }

  #begin(room: string, start: Parameters<Replica["begin"]>[0]): void {
    if (start.gap === true) this.#enter("gap", "The server's log no longer reaches back to where this watch stood.");
    this.#hand(room, this.#replica(room).begin(start));
  }

  #replica(room: string): Replica {
    const replica = this.#replicas.get(room) ?? new Replica(room, null);
    this.#replicas.set(room, replica);
    return replica;
  }

  /** To the listeners, or to wait for whoever iterates. */
  #hand(room: string, events: readonly WatchEvent[]): void {
    for (const event of events) {
      if (this.#state === "closed") return;
      if (this.#listeners.event.size > 0) {
        this.#moveBehind(event);
        tellAll(this.#listeners.event, event);
      } else this.#buffer.push(event);
    }
    const told = this.#replicas.get(room)?.position ?? null;
    // A position also moves with keys that the watch is not for.
    if (this.#buffer.size === 0 && told !== null) this.#handedOut.set(room, told);
    if (this.#buffer.size > MAX_WAITING && !this.#isPaused) {
      this.#isPaused = true;
      this.#hooks.drop(this);
    }
  }

  #moveBehind(event: WatchEvent): void {
    if (event.kind === "end") this.#handedOut.delete(event.room);
    else this.#handedOut.set(event.room, event.position);
  }

  #unpause(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#resume("It was paused, because too many events waited to be taken.");
    this.#hooks.ask(this);
  }

  /** The server's next answer goes on from what was told completely. */
  #resume(why: string): void {
    for (const replica of this.#replicas.values()) replica.restart();
    if (this.#state !== "closed" && this.#state !== "connecting") this.#enter("resuming", why);
  }

  /** @param more whether further pages come before the first change */
  #goLive(more: boolean | undefined): void {
    if (this.#state !== "closed" && more !== true) this.#enter("live", "");
  }

  #close(error: KeyroomError | undefined): void {
    if (this.#state === "closed") return;
    this.#enter("closed", error?.message ?? "");
    this.#hooks.drop(this);
    this.#buffer.end(error);
  }

  #enter(state: WatchState, why: string): void {
    if (this.#state === state) return;
    this.#state = state;
    tellAll(this.#listeners.state, state, why);
  }
}
