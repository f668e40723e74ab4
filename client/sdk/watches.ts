import { KeyroomError } from "../../protocol/errors.ts";
import type { Push } from "../../protocol/pushes.ts";
import { parseInput, parseOutput } from "../../protocol/requests.ts";
import { readAnswer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { Watch, WatchOptions } from "./types.ts";
import { RemoteWatch } from "./watch.ts";

type Send = (name: "watch" | "unwatch", payload: unknown, answered: (answer: unknown) => void) => void;

/** After a refusal that may pass. */
const RETRY_MS = 1_000;

/** All watches of one store: asks on each connection, and hands the pushes to whom they belong. */
export class Watches {
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #open = new Set<RemoteWatch>();
  /** By the id that the server gave on this connection. */
  readonly #byId = new Map<string, RemoteWatch>();
  /** Asked on this connection and not answered: their copies are not free yet. */
  readonly #asked = new Set<RemoteWatch>();
  #isConnected = false;
  /** Counts connections: an answer that comes after its connection is nobody's. */
  #connection = 0;

  constructor(send: Send, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** @throws KeyroomError `invalid`, `too_large` for a question that the server would not take */
  open(room: string, { from, ...filter }: WatchOptions): Watch {
    const question = { room, ...filter };
    const copy = this.#freeCopy(question);
    parseInput("watch", { ...question, ...(from === undefined ? {} : { from }) });
    const hooks = {
      ask: (asking: RemoteWatch) => this.#ask(asking),
      drop: (dropped: RemoteWatch) => this.#drop(dropped),
    };
    const watch = new RemoteWatch(copy === 0 ? question : { ...question, copy }, from, hooks);
    this.#open.add(watch);
    this.#ask(watch);
    return watch;
  }

  connected(): void {
    this.#isConnected = true;
    this.#connection++;
    this.#byId.clear();
    this.#asked.clear();
    for (const watch of this.#open) if (!watch.isPaused) this.#ask(watch);
  }

  disconnected(): void {
    this.#isConnected = false;
    for (const watch of this.#open) watch.connectionLost();
  }

  closed(why: KeyroomError): void {
    this.#isConnected = false;
    for (const watch of [...this.#open]) watch.storeClosed(why);
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

  #ask(watch: RemoteWatch): void {
    if (!this.#isConnected) return;
    const connection = this.#connection;
    this.#asked.add(watch);
    // The answer is taken in the callback: the first pushes come in the same turn.
    this.#send("watch", watch.payload, (raw) => {
      if (connection !== this.#connection) return;
      this.#asked.delete(watch);
      this.#answered(watch, raw);
    });
  }

  #answered(watch: RemoteWatch, raw: unknown): void {
    try {
      const answer = parseOutput("watch", readAnswer("watch", raw));
      if (this.#open.has(watch)) {
        this.#byId.set(answer.watch, watch);
        watch.answered(answer);
      } else this.#unwatch(answer.watch);
    } catch (error) {
      if (!(error instanceof KeyroomError)) throw error;
      if (!this.#open.has(watch)) return;
      if (error.retryable) this.#askLater(watch);
      else watch.refused(error);
    }
  }

  /** On this connection: the next one asks anyway. */
  #askLater(watch: RemoteWatch): void {
    const connection = this.#connection;
    this.#clock.after(RETRY_MS, () => {
      if (connection === this.#connection && this.#open.has(watch) && !watch.isPaused) this.#ask(watch);
    });
  }

  #unwatch(id: string): void {
    if (this.#isConnected) this.#send("unwatch", { watch: id }, () => undefined);
  }

  /** Ended, or paused: in both cases the server need not push any more. */
  #drop(watch: RemoteWatch): void {
    if (watch.state === "closed") this.#open.delete(watch);
    for (const [id, other] of this.#byId) {
      if (other !== watch) continue;
      this.#byId.delete(id);
      this.#unwatch(id);
    }
  }

  /** The server knows one watch for each question and copy. */
  #freeCopy(question: Omit<RemoteWatch["question"], "copy">): number {
    const same = ({ question: other }: RemoteWatch): boolean =>
      other.room === question.room && other.key === question.key && other.prefix === question.prefix;
    const taken = new Set([...this.#open, ...this.#asked].filter(same).map((watch) => watch.question.copy ?? 0));
    let copy = 0;
    while (taken.has(copy)) copy++;
    return copy;
  }
}
