/**
 * A standing question that survives reconnects: its consumer sees one unbroken sequence.
 *
 *     connecting ──answer──▶ live ──connection lost, paused, refused for now──▶ resuming ──answer: changes──▶ live
 *         │                   │ ▲                                                │  │
 *         │                   │ └───────────────── gap ◀──answer: gap─────────────┘  │
 *         └── refused, room deleted, close() ──▶ closed ◀────────────────────────────┘
 *
 * Replicas stand where the server's next answer has to begin; the position, which may be saved, is behind the last event
 * that was handed out: others may still wait for whoever iterates.
 */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Entry, Position } from "../../protocol/fields.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { changesIn } from "../../protocol/series.ts";
import { EventBuffer } from "./event-buffer.ts";
import { KeptEntries } from "./kept-entries.ts";
import { ALL_ROOMS, Replica, type WatchEvent } from "./replica.ts";
import { tellAll } from "./tell.ts";
import type { SavedPosition, Watch, WatchListeners, WatchState } from "./types.ts";

/** An epoch that no server has: to ask from there is to ask for a gap. */
const NOWHERE: Position = { epoch: "", revision: 0, tag: 0 };

/** What a watch needs of its connection. */
export interface WatchHooks {
  /** Asks the server, now or as soon as there is a session, and calls `answered` or `refused`. */
  ask(watch: RemoteWatch): void;
  /** Asks after a while, because of a refusal that may pass. */
  askLater(watch: RemoteWatch, why: string): void;
  /** The question is not asked any more, for now or for good. */
  drop(watch: RemoteWatch): void;
}

export type Question = Pick<Input<"watch">, "key" | "prefix" | "copy"> & { readonly room: string };

export class RemoteWatch implements Watch {
  readonly question: Question;
  /** How often it was refused for now on this connection, and what prevents that it is asked again after the last. */
  refusals = 0;
  cancelRetry: (() => void) | null = null;
  /** Whether it waits until what was told is taken, before it is asked again. */
  isPaused = false;
  readonly #hooks: WatchHooks;
  readonly #kept: KeptEntries | null;
  readonly #replicas = new Map<string, Replica>();
  readonly #buffer = new EventBuffer();
  readonly #handedOut = new Map<string, Position>();
  readonly #listeners: { readonly [E in keyof WatchListeners]: Set<WatchListeners[E]> } = {
    event: new Set(),
    state: new Set(),
  };
  #state: WatchState = "connecting";
  #why = "";
  /** The server has not what was told. */
  #isLost = false;

  constructor(question: Question, from: SavedPosition | undefined, keepsEntries: boolean, hooks: WatchHooks) {
    this.question = question;
    this.#hooks = hooks;
    this.#kept = keepsEntries ? new KeptEntries(question.room) : null;
    if (from === undefined) return;
    const saved = this.#isOfAll ? (from as Readonly<Record<string, Position>>) : { [question.room]: from as Position };
    for (const [room, position] of Object.entries(saved)) {
      this.#replicas.set(room, new Replica(room, position));
      this.#handedOut.set(room, position);
    }
  }

  get state(): WatchState {
    return this.#state;
  }

  get position(): SavedPosition | null {
    if (this.#isOfAll) return Object.fromEntries(this.#handedOut);
    return this.#handedOut.get(this.question.room) ?? null;
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#keeping.entries;
  }

  get rooms(): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
    return this.#keeping.rooms;
  }

  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void {
    const listeners: Set<WatchListeners[E]> = this.#listeners[event];
    listeners.add(listener);
    // What waits is for the first listener, but not before its program has the function that stops it.
    if (!this.#buffer.isEmpty) queueMicrotask(() => this.#deliver());
    return () => listeners.delete(listener);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    try {
      for (;;) {
        const event = await this.#buffer.take();
        if (event === null) return;
        this.#handOut(event);
        yield event;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.fail(undefined);
  }

  /** @param error is thrown to whoever iterates, when what waits is taken */
  fail(error: KeyroomError | undefined): void {
    if (this.#state === "closed") return;
    this.#enter("closed", error?.message ?? "");
    this.#hooks.drop(this);
    this.#buffer.end(error);
  }

  /** The payload with which to ask now. */
  get payload(): Input<"watch"> {
    const told = [...this.#replicas].flatMap(([room, { position }]) => (position === null ? [] : [[room, position]]));
    if (told.length === 0) return this.question;
    const from: Record<string, Position> = Object.fromEntries(told);
    return { ...this.question, from: this.#isLost ? NOWHERE : this.#isOfAll ? from : from[this.question.room] };
  }

  /** It will be asked again; the server's next answer goes on from what was told completely. */
  waits(why: string): void {
    if (this.#state !== "closed") this.#enter(this.#state === "connecting" ? "connecting" : "resuming", why);
  }

  answered(answer: Output<"watch">): void {
    this.#isLost = false;
    for (const replica of this.#replicas.values()) replica.restart();
    if (answer.position !== undefined) this.#begin(this.question.room, { ...answer, position: answer.position });
    this.goLive(answer.more);
  }

  refused(error: KeyroomError): void {
    if (error.code === "future_position") {
      // The server has lost what this watch has seen: what differs is told as a gap.
      this.#isLost = true;
      this.#hooks.ask(this);
    } else if (error.retryable) this.#hooks.askLater(this, error.message);
    else if (error.code === "not_found" && this.#state === "resuming") this.#endRoom(this.question.room, error.message);
    else this.fail(error);
  }

  started(push: Push<"start">): void {
    this.#begin(push.room, push);
    this.goLive(push.more);
  }

  changed(push: Push<"changes">): void {
    this.#hand(push.room, this.#replica(push.room).changed(push.position, changesIn(push)));
  }

  ended({ room, reason, code }: Push<"end">): void {
    if (code === undefined) this.#endRoom(room, reason);
    else if (room === this.question.room) this.refused(KeyroomError.fromWire({ code, message: reason }));
    // Else a start that is a gap follows.
    else if (code !== "future_position") this.#hooks.askLater(this, reason);
  }

  get #isOfAll(): boolean {
    return this.question.room === ALL_ROOMS;
  }

  get #keeping(): KeptEntries {
    if (this.#kept === null)
      throw new KeyroomError("invalid", "Open the watch with `entries: true`, and without `from`.");
    return this.#kept;
  }

  #begin(room: string, start: Parameters<Replica["begin"]>[0]): void {
    if (start.gap === true) this.#enter("gap", "The server's log does not reach back to where it stood.");
    this.#hand(room, this.#replica(room).begin(start));
  }

  #endRoom(room: string, reason: string): void {
    this.#replicas.delete(room);
    this.#hand(room, [{ kind: "end", room, reason }]);
    if (room === this.question.room) this.close();
  }

  #replica(room: string): Replica {
    const replica = this.#replicas.get(room) ?? new Replica(room, null);
    this.#replicas.set(room, replica);
    return replica;
  }

  #hand(room: string, events: readonly WatchEvent[]): void {
    for (const event of events) this.#buffer.push(event);
    this.#deliver();
    const told = this.#replicas.get(room)?.position ?? null;
    // A position also moves with keys that the watch is not for.
    if (this.#buffer.isEmpty && told !== null) this.#handedOut.set(room, told);
    if (this.#buffer.isFull && !this.isPaused) {
      this.isPaused = true;
      this.#hooks.drop(this);
    }
  }

  /** To the listeners, while there are any. */
  #deliver(): void {
    while (this.#listeners.event.size > 0 && this.#state !== "closed") {
      const event = this.#buffer.shift();
      if (event === null) return;
      this.#handOut(event);
      tellAll(this.#listeners.event, event);
    }
  }

  /** This event is being told. */
  #handOut(event: WatchEvent): void {
    if (event.kind === "end") this.#handedOut.delete(event.room);
    else this.#handedOut.set(event.room, event.position);
    this.#kept?.apply(event);
    if (!this.isPaused || !this.#buffer.isEmpty) return;
    this.isPaused = false;
    this.waits("Too much waited to be taken.");
    this.#hooks.ask(this);
  }

  /** @param more whether further pages come before the first change */
  goLive(more?: boolean): void {
    if (this.#state !== "closed" && more !== true && this.cancelRetry === null) this.#enter("live", "");
  }

  #enter(state: WatchState, why: string): void {
    if (this.#state === state && this.#why === why) return;
    this.#state = state;
    this.#why = why;
    tellAll(this.#listeners.state, state, why);
  }
}
