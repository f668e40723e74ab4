import { asKeyroomError, KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import { BATCH_REQUESTS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { type Output, parseOutput } from "../../protocol/outputs.ts";
import type { Push } from "../../protocol/pushes.ts";
import { type RequestName, takesOperationId } from "../../protocol/requests.ts";
import { eachAnswer, readAnswer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { checkSize, nextPacket, requestsOf, textSize } from "./packets.ts";
import {
  isDoubtful,
  isOpenStill,
  late,
  leavesOpen,
  naming,
  unknownOutcome,
  type Waiting,
  withOperationId,
} from "./waiting.ts";
import { WaitingList } from "./waiting-list.ts";

/** Requests that may wait, sent or not: enough for a burst, too few to fill the memory unseen. */
const MAX_WAITING = 65_536;
/** UTF-16 units of their texts. */
const MAX_WAITING_SIZE = 32 * 1024 * 1024;

/** Requests under way. The rest of what the server takes at once is for watches, which ask beside this queue. */
const MAX_IN_FLIGHT = FIXED_LIMITS.inFlight - BATCH_REQUESTS;

/** Microtasks without a new request after which a turn of the event loop has issued what it had to. */
const QUIET_MICROTASKS = 8;
const DONE = Promise.resolve();

/** Writes after which the server is told how many of them it may forget. */
const SETTLE_EVERY = 1024;

/** The first version of servers that take batches. */
const BATCHES_SINCE = 3;

type Send = (name: RequestName, payload: unknown, answered: (answer: unknown) => void) => void;

/**
 * All requests without an answer, in the order in which they were made.
 *
 * They go out while there is a session, at most as many at once as the server takes; those that are made in one turn of
 * the event loop leave as one event. When the same session goes on after a reconnect, what is unanswered is sent again:
 * writes carry an operation id, so that the server runs each once. When the server does not know the session any more,
 * nobody can tell what became of the writes that were sent.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #send: Send;
  readonly #deadlineMs: number;
  readonly #waiting = new WaitingList();
  /** From `#next` on, those of `#waiting` that are not sent, in order. */
  #unsent: Waiting[] = [];
  #next = 0;
  #inFlight = 0;
  #isPumping = false;
  /** The client id for new operation ids; null while there is no session. */
  #client: string | null = null;
  #canBatch = false;
  /** What is unanswered of each batch, in order. */
  readonly #batches = new Map<number, Waiting[]>();
  #batch = 0;
  #counter = 0;
  /** The server was told that it may forget operations up to this counter. */
  #settled = 0;
  /** The first operation of this session whose outcome is unknown: it may still be asked for. */
  #doubt = Number.POSITIVE_INFINITY;
  #closed: KeyroomError | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(send: Send, deadlineMs: number, clock: Clock) {
    this.#clock = clock;
    this.#send = send;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Rejects with a KeyroomError, at the latest when the deadline is over.
   * @param answered is called when the answer comes, before any push behind it, with the ms since the request was sent
   */
  request<N extends RequestName>(
    name: N,
    input: Input<N>,
    answered?: (output: Output<N>, ms: number) => void,
  ): Promise<Output<N>> {
    return new Promise((settle, reject) => {
      if (this.#closed !== null) throw this.#closed;
      const payload: Readonly<Record<string, unknown>> = input;
      const size = textSize(payload);
      checkSize(payload, size);
      if (this.#waiting.count >= MAX_WAITING || this.#waiting.size + size > MAX_WAITING_SIZE) {
        throw new KeyroomError("quota", `${this.#waiting.count} requests are waiting. Await some of them first.`);
      }
      const waitMs = Number(payload["waitMs"] ?? 0);
      const deadline = this.#clock.monotonic() + this.#deadlineMs + waitMs;
      const resolve =
        answered === undefined
          ? settle
          : (output: Output<N>): void => {
              answered(output, this.#clock.monotonic() - waiting.sentAt);
              settle(output);
            };
      // Written out: a spread among other fields is felt with many requests.
      const waiting: Waiting = {
        name,
        payload,
        size,
        waitMs,
        deadline,
        client: null,
        counter: 0,
        tries: 0,
        sentAt: 0,
        isOpen: true,
        resolve,
        reject,
      };
      this.#enqueue(waiting);
    });
  }

  /** A session is there: sends what waits, again where it may have been lost. */
  connected({ client, resumed, protocol }: Pick<Push<"session">, "client" | "resumed" | "protocol">): void {
    this.#client = client;
    this.#canBatch = protocol >= BATCHES_SINCE;
    this.#inFlight = 0;
    this.#batches.clear();
    if (!resumed) {
      for (const waiting of this.#waiting.open) if (isDoubtful(waiting)) this.#settle(waiting, unknownOutcome(waiting));
      this.#doubt = Number.POSITIVE_INFINITY;
    }
    this.#queue(this.#waiting.open);
    this.#pump();
  }

  /** There is no session for now: requests wait. */
  disconnected(): void {
    this.#client = null;
  }

  /** No request will be sent any more. */
  close(why: KeyroomError): void {
    this.#closed = why;
    this.#client = null;
    this.#queue([]);
    for (const waiting of this.#waiting.open) {
      this.#settle(waiting, isDoubtful(waiting) ? unknownOutcome(waiting) : why);
    }
  }

  /** Answers to the next requests of a batch. Until all of it is answered, the server counts all of it as under way. */
  answers({ batch, answers }: Push<"answers">): void {
    const all = eachAnswer(answers);
    const taken = this.#batches.get(batch)?.splice(0, all.length) ?? [];
    taken.forEach((waiting, i) => void this.#answered(waiting, all[i]));
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.add(waiting);
    this.#unsent.push(waiting);
    this.#cancelTimer ??= this.#clock.after(this.#deadlineMs, () => this.#expire());
    this.#pumpSoon();
  }

  /** When this turn of the event loop has issued what it has to. */
  #pumpSoon(): void {
    if (this.#isPumping || this.#client === null) return;
    this.#isPumping = true;
    let seen = 0;
    let quiet = 0;
    const look = (): void => {
      quiet = this.#unsent.length === seen ? quiet + 1 : 0;
      seen = this.#unsent.length;
      if (quiet < QUIET_MICROTASKS) void DONE.then(look);
      else this.#pump();
    };
    void DONE.then(look);
  }

  #pump(): void {
    this.#isPumping = false;
    while (this.#client !== null && this.#inFlight < MAX_IN_FLIGHT) {
      const most = this.#canBatch ? MAX_IN_FLIGHT - this.#inFlight : 1;
      const packet = nextPacket(this.#unsent, this.#next, most);
      if (packet.length === 0) break;
      this.#next += packet.length;
      const open = packet.filter(({ isOpen }) => isOpen);
      if (open.length > 0) this.#transmit(open);
    }
    // Not at each answer: moving up a long queue costs its length.
    if (this.#next * 2 >= this.#unsent.length) this.#queue(this.#unsent.slice(this.#next));
  }

  #queue(unsent: Waiting[]): void {
    this.#unsent = unsent;
    this.#next = 0;
  }

  #transmit(packet: readonly Waiting[]): void {
    const now = this.#clock.monotonic();
    for (const waiting of packet) this.#identify(waiting, now);
    this.#inFlight += packet.length;
    const [first] = packet;
    if (first !== undefined && packet.length === 1) {
      this.#send(first.name, withOperationId(first), (answer) => {
        this.#inFlight--;
        this.#answered(first, answer);
        this.#more();
      });
      return;
    }
    const batch = ++this.#batch;
    this.#batches.set(batch, [...packet]);
    this.#send("batch", { batch, requests: requestsOf(packet) }, (answer) => {
      this.#inFlight -= packet.length;
      this.#batchAnswered(batch, answer);
      this.#more();
    });
  }

  #identify(waiting: Waiting, now: number): void {
    waiting.client = this.#client;
    waiting.tries++;
    waiting.sentAt = now;
    if (waiting.counter === 0 && takesOperationId(waiting.name)) waiting.counter = ++this.#counter;
  }

  #batchAnswered(batch: number, answer: unknown): void {
    let why: unknown = "The server has answered a part only.";
    try {
      const { answers } = parseOutput("batch", readAnswer("batch", answer));
      this.answers({ batch, answers });
    } catch (error) {
      why = error;
    }
    for (const waiting of this.#batches.get(batch) ?? []) this.#refused(waiting, asKeyroomError(why));
    this.#batches.delete(batch);
  }

  /** Some have been answered: others may follow. */
  #more(): void {
    if (this.#canBatch && this.#counter - this.#settled >= SETTLE_EVERY) this.#settleOperations();
    if (this.#next < this.#unsent.length) this.#pumpSoon();
  }

  /** Tells the server which outcomes nobody will ask for any more. */
  #settleOperations(): void {
    let upTo = Math.min(this.#counter, this.#doubt - 1);
    for (const { counter } of this.#waiting.open) {
      if (counter === 0) continue;
      upTo = Math.min(upTo, counter - 1);
      break;
    }
    if (upTo < this.#settled + SETTLE_EVERY) return;
    this.#settled = upTo;
    this.request("settle", { upTo }).catch(() => undefined);
  }

  #answered(waiting: Waiting, answer: unknown): void {
    try {
      waiting.resolve(parseOutput(waiting.name, readAnswer(waiting.name, answer)));
      this.#remove(waiting);
    } catch (error) {
      this.#refused(waiting, asKeyroomError(error));
    }
  }

  /** Where that settles nothing, it waits: to be sent again in the next session, or for its deadline. */
  #refused(waiting: Waiting, error: KeyroomError): void {
    if (isOpenStill(waiting, error)) return;
    this.#settle(waiting, leavesOpen(waiting, error) ? unknownOutcome(waiting, error.message) : error);
  }

  #settle(waiting: Waiting, error: KeyroomError): void {
    this.#remove(waiting);
    const isUnknown = error.code === "unknown_outcome";
    if (isUnknown && waiting.counter > 0) this.#doubt = Math.min(this.#doubt, waiting.counter);
    waiting.reject(isUnknown ? naming(waiting, error) : error);
  }

  #remove(waiting: Waiting): void {
    this.#waiting.close(waiting);
    if (this.#waiting.count > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Looks again when the next may be due: no request that is made meanwhile is due before that. */
  #expire(): void {
    this.#cancelTimer = null;
    const now = this.#clock.monotonic();
    let nextMs = this.#deadlineMs;
    for (const waiting of this.#waiting.open) {
      if (waiting.deadline > now) nextMs = Math.min(nextMs, waiting.deadline - now);
      else this.#settle(waiting, isDoubtful(waiting) ? unknownOutcome(waiting) : late(waiting));
    }
    if (this.#waiting.count > 0) this.#cancelTimer = this.#clock.after(nextMs, () => this.#expire());
    this.#queue(this.#unsent.slice(this.#next).filter(({ isOpen }) => isOpen));
  }
}
