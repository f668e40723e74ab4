import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import {
  type Input,
  isWrite,
  type Output,
  parseInput,
  parseOutput,
  type RequestName,
  takesOperationId,
} from "../../protocol/requests.ts";
import { utf8Bytes } from "../../protocol/text.ts";
import { readAnswer } from "./answer.ts";
import type { Clock } from "./clock.ts";

/** Requests that may wait, sent or not: enough for a burst, too few to fill the memory unseen. */
const MAX_WAITING = 65_536;

interface Waiting {
  readonly name: RequestName;
  payload: Record<string, unknown>;
  /** Ms, by the clock. */
  readonly deadline: number;
  sent: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: KeyroomError) => void;
}

type Send = (name: RequestName, payload: unknown, answered: (answer: unknown) => void) => void;

/**
 * All requests without an answer, in the order in which they were made.
 *
 * They go out while there is a session, at most as many at once as the server takes. When the same session goes on
 * after a reconnect, what is unanswered is sent again: writes carry an operation id, so that the server runs each once.
 * When the server does not know the session any more, nobody can tell what became of the writes that were sent.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #send: Send;
  readonly #deadlineMs: number;
  readonly #waiting = new Set<Waiting>();
  /** From `#next` on, those of `#waiting` that are not sent, in order. */
  #unsent: Waiting[] = [];
  #next = 0;
  #inFlight = 0;
  /** The client id for new operation ids; null while there is no session. */
  #client: string | null = null;
  #counter = 0;
  #closed: KeyroomError | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(send: Send, deadlineMs: number, clock: Clock) {
    this.#clock = clock;
    this.#send = send;
    this.#deadlineMs = deadlineMs;
  }

  /** Rejects with a KeyroomError, at the latest when the deadline is over. */
  request<N extends RequestName>(name: N, input: Input<N>): Promise<Output<N>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed !== null) throw this.#closed;
      if (this.#waiting.size >= MAX_WAITING) {
        throw new KeyroomError("quota", `${MAX_WAITING} requests are waiting already. Await some of them first.`);
      }
      const payload = check(name, input);
      const waiting = {
        name,
        payload,
        deadline: this.#clock.monotonic() + this.#deadlineMs,
        sent: false,
        resolve,
        reject,
      };
      this.#waiting.add(waiting);
      this.#unsent.push(waiting);
      this.#cancelTimer ??= this.#clock.after(this.#deadlineMs, () => this.#expire());
      this.#pump();
    }).then((value) => parseOutput(name, value));
  }

  /** A session is there: sends what waits, again where it may have been lost. */
  connected(client: string, resumed: boolean): void {
    this.#client = client;
    this.#inFlight = 0;
    for (const waiting of this.#waiting) {
      if (!resumed && isDoubtful(waiting)) this.#settle(waiting, unknownOutcome(waiting));
    }
    this.#queue([...this.#waiting]);
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
    for (const waiting of this.#waiting) {
      this.#settle(waiting, isDoubtful(waiting) ? unknownOutcome(waiting) : why);
    }
  }

  #pump(): void {
    if (this.#client === null) return;
    while (this.#inFlight < FIXED_LIMITS.inFlight) {
      const waiting = this.#unsent[this.#next];
      if (waiting === undefined) break;
      this.#next++;
      if (this.#waiting.has(waiting)) this.#transmit(waiting);
    }
    // Not at each answer: moving up a long queue costs its length.
    if (this.#next * 2 >= this.#unsent.length) this.#queue(this.#unsent.slice(this.#next));
  }

  #queue(unsent: Waiting[]): void {
    this.#unsent = unsent;
    this.#next = 0;
  }

  #transmit(waiting: Waiting): void {
    if (takesOperationId(waiting.name) && waiting.payload["op"] === undefined) {
      waiting.payload = { ...waiting.payload, op: `${this.#client}:${++this.#counter}` };
    }
    waiting.sent = true;
    this.#inFlight++;
    this.#send(waiting.name, waiting.payload, (answer) => {
      this.#inFlight--;
      this.#answered(waiting, answer);
      this.#pump();
    });
  }

  #answered(waiting: Waiting, answer: unknown): void {
    try {
      waiting.resolve(readAnswer(waiting.name, answer));
      this.#remove(waiting);
    } catch (error) {
      this.#settle(waiting, error instanceof KeyroomError ? error : new KeyroomError("internal", String(error)));
    }
  }

  #settle(waiting: Waiting, error: KeyroomError): void {
    this.#remove(waiting);
    waiting.reject(error.code === "unknown_outcome" ? naming(waiting, error) : error);
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** The deadline is the same for all, so that the oldest request is always the next to expire. */
  #expire(): void {
    this.#cancelTimer = null;
    const now = this.#clock.monotonic();
    for (const waiting of this.#waiting) {
      if (waiting.deadline > now) {
        this.#cancelTimer = this.#clock.after(waiting.deadline - now, () => this.#expire());
        break;
      }
      this.#settle(waiting, isDoubtful(waiting) ? unknownOutcome(waiting) : late(waiting));
    }
    this.#queue(this.#unsent.slice(this.#next).filter((waiting) => this.#waiting.has(waiting)));
  }
}

/** Refuses before sending what the server would refuse, or what would make it cut the connection. */
function check(name: RequestName, input: unknown): Record<string, unknown> {
  const payload: Record<string, unknown> = parseInput(name, input);
  const value = payload["value"];
  // JSON takes at most six bytes for a character.
  if (typeof value === "string" && value.length * 6 > FIXED_LIMITS.frameBytes - ENVELOPE_BYTES) {
    const bytes = utf8Bytes(JSON.stringify(payload)) + ENVELOPE_BYTES;
    if (bytes > FIXED_LIMITS.frameBytes) {
      const limit = FIXED_LIMITS.frameBytes;
      throw new KeyroomError(
        "too_large",
        `The message would take ${bytes} bytes as JSON; at most ${limit} can be sent.`,
      );
    }
  }
  return payload;
}

/** More than what surrounds the payload on the wire: packet type, acknowledgement id, event name, operation id. */
const ENVELOPE_BYTES = 256;

function isDoubtful({ name, sent }: Waiting): boolean {
  return sent && isWrite(name);
}

function unknownOutcome({ name }: Waiting): KeyroomError {
  return new KeyroomError(
    "unknown_outcome",
    `The ${name} was sent, but its answer never came: it may or may not have happened.`,
  );
}

/** The same error with the id of the write, by which its outcome can be asked for. */
function naming({ payload }: Waiting, { code, message }: KeyroomError): KeyroomError {
  const op = payload["op"];
  return new KeyroomError(code, message, typeof op === "string" ? { op } : {});
}

function late({ name, sent }: Waiting): KeyroomError {
  return new KeyroomError("timeout", `No answer to ${name} in time${sent ? "" : ": there was no connection"}.`);
}
