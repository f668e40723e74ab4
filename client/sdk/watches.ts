import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { parseOutput } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { readAnswer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { messageBytes } from "./packets.ts";
import type { Watch, WatchOptions } from "./types.ts";
import { type Question, RemoteWatch, type WatchHooks } from "./watch.ts";

type Send = (name: "watch" | "unwatch", payload: unknown, answered: (answer: unknown) => void) => void;

const TOO_MANY =
  "The watch cannot go on: the positions of its rooms are too much for one message. " +
  "Watch without `from`, or watch fewer rooms.";

/** After the first refusal that may pass; twice as long after each further one on the same connection. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;

/** All watches of one store: asks on each connection, and hands the pushes to whom they belong. */
export class Watches implements WatchHooks {
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #open = new Set<RemoteWatch>();
  /** By the id that the server gave on this connection. */
  readonly #byId = new Map<string, RemoteWatch>();
  /** Asked on this connection and not answered, with a token for the last time: their copies are not free yet. */
  readonly #asked = new Map<RemoteWatch, object>();
  /** Live until the server fell silent. */
  #silenced: readonly RemoteWatch[] = [];
  #isConnected = false;
  #closed: KeyroomError | null = null;

  constructor(send: Send, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  open(room: string, { from, entries = false, prefix = "", ...key }: WatchOptions): Watch {
    // The server knows no prefix and an empty one as the same question.
    const question = { room, ...key, ...(prefix === "" ? {} : { prefix }) };
    const copy = this.#freeCopy(question);
    const watch = new RemoteWatch(
      copy === 0 ? question : { ...question, copy },
      from,
      entries && from === undefined,
      this,
    );
    this.#open.add(watch);
    if (this.#closed === null) this.ask(watch);
    else watch.fail(this.#closed);
    return watch;
  }

  connected(): void {
    this.#isConnected = true;
    this.#byId.clear();
    this.#asked.clear();
    for (const watch of this.#open) if (!watch.isPaused) this.ask(watch);
  }

  /** Nothing comes for now; it may still come. */
  silent(why: string): void {
    this.#silenced = [...this.#open].filter(({ state }) => state === "live");
    for (const watch of this.#silenced) watch.waits(why);
  }

  /** After `silent`, and without a loss: nothing was missed. */
  heard(): void {
    for (const watch of this.#silenced) if (!this.#asked.has(watch)) watch.goLive();
  }

  disconnected(): void {
    this.#isConnected = false;
    for (const watch of this.#open) {
      cancelRetry(watch);
      watch.refusals = 0;
      watch.waits("The connection is lost.");
    }
  }

  closed(why: KeyroomError): void {
    this.#isConnected = false;
    this.#closed = why;
    for (const watch of [...this.#open]) watch.fail(why);
  }

  started(push: Push<"start">): void {
    this.#byId.get(push.watch)?.started(push);
  }

  changed(push: Push<"changes">): void {
    this.#byId.get(push.watch)?.changed(push);
  }

  ended(push: Push<"end">): void {
    this.#byId.get(push.watch)?.ended(push);
  }

  ask(watch: RemoteWatch): void {
    cancelRetry(watch);
    if (!this.#isConnected) return;
    const { payload } = watch;
    // Rooms whose positions are left out could be gone without a word.
    if (messageBytes(payload) > FIXED_LIMITS.frameBytes) {
      watch.fail(new KeyroomError("too_large", TOO_MANY));
      return;
    }
    const token = {};
    this.#asked.set(watch, token);
    // The answer is taken in the callback: the first pushes come in the same turn.
    this.#send("watch", payload, (raw) => {
      // The question was asked anew, perhaps on another connection: this answer is nobody's.
      if (this.#asked.get(watch) !== token) return;
      this.#asked.delete(watch);
      this.#answered(watch, raw);
    });
  }

  #answered(watch: RemoteWatch, raw: unknown): void {
    const isWanted = this.#open.has(watch) && !watch.isPaused;
    try {
      const answer = parseOutput("watch", readAnswer("watch", raw));
      if (isWanted) {
        this.#byId.set(answer.watch, watch);
        watch.answered(answer);
      } else this.#unwatch(answer.watch);
    } catch (error) {
      if (!(error instanceof KeyroomError)) throw error;
      if (isWanted) watch.refused(error);
    }
  }

  /** On this connection: the next one asks anyway. */
  askLater(watch: RemoteWatch, why: string): void {
    if (watch.cancelRetry !== null) return;
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** watch.refusals++);
    watch.cancelRetry = this.#clock.after(delay, () => this.ask(watch));
    watch.waits(`${why} Next try in ${delay / 1000} s.`);
  }

  #unwatch(id: string): void {
    if (this.#isConnected) this.#send("unwatch", { watch: id }, () => undefined);
  }

  /** Ended, or paused: in both cases the server need not push any more. */
  drop(watch: RemoteWatch): void {
    cancelRetry(watch);
    if (watch.state === "closed") this.#open.delete(watch);
    for (const [id, other] of this.#byId) {
      if (other !== watch) continue;
      this.#byId.delete(id);
      this.#unwatch(id);
    }
  }

  /** The server knows one watch for each question and copy. */
  #freeCopy(question: Question): number {
    const same = ({ question: other }: RemoteWatch): boolean =>
      other.room === question.room && other.key === question.key && other.prefix === question.prefix;
    const taken = [...this.#open, ...this.#asked.keys()].filter(same).map((watch) => watch.question.copy ?? 0);
    let copy = 0;
    while (taken.includes(copy)) copy++;
    return copy;
  }
}

function cancelRetry(watch: RemoteWatch): void {
  watch.cancelRetry?.();
  watch.cancelRetry = null;
}
