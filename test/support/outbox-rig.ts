import { Outbox } from "../../client/sdk/outbox.ts";
import { eachRequest } from "../../server/transport/series.ts";
import { ManualClock } from "./manual-clock.ts";

export const CLIENT = "c".repeat(22);
export const OTHER = "d".repeat(22);
/** What puts and deletes may be answered with. */
export const DONE = { ok: true, value: { revision: 1, version: 1, existed: true } };

type Payload = Readonly<Record<string, unknown>>;

/** An event as it left, and how it is answered. */
interface Sent {
  readonly name: string;
  readonly payload: Payload;
  readonly answer: (answer: unknown) => void;
}

/** An outbox that sends to the test. */
export class OutboxRig {
  readonly sent: Sent[] = [];
  readonly clock = new ManualClock();
  readonly outbox: Outbox;

  constructor(deadlineMs = 60_000) {
    this.outbox = new Outbox(
      (name, payload, answer) => void this.sent.push({ name, payload: payload as Payload, answer }),
      deadlineMs,
      this.clock,
    );
  }

  /** A session of a server that knows no batches. */
  connectOld(client = CLIENT, resumed = false): void {
    this.outbox.connected({ client, resumed, protocol: 2 });
  }

  connect(client = CLIENT, resumed = false): void {
    this.outbox.connected({ client, resumed, protocol: 3 });
  }

  put(key: string, value = ""): Promise<unknown> {
    return this.outbox.request("put", { key, value });
  }

  get(key: string): Promise<unknown> {
    return this.outbox.request("get", { key });
  }

  /** So many puts whose ends do not matter. */
  puts(count: number): void {
    for (let i = 0; i < count; i++) ignore(this.put(String(i)));
  }

  /** Each event in words: a batch as a list of its requests, with the operations' counters behind those that have one. */
  get events(): (string | string[])[] {
    return this.sent.map(({ name, payload }) =>
      name === "batch"
        ? (eachRequest(payload["requests"] as []) as [string, Payload, number?][]).map((request) => said(...request))
        : said(name, payload),
    );
  }

  /** The keys that have left, in order, however they travelled. */
  get keys(): unknown[] {
    return this.sent.flatMap(({ payload }) => requestsOf(payload).map(({ key }) => key));
  }

  /** Answers an event: with one answer alone, or as a batch. */
  answer(place: number, ...answers: readonly unknown[]): void {
    const { name, answer } = this.sent.at(place) as Sent;
    answer(name === "batch" ? { ok: true, value: { answers } } : answers[0]);
  }

  /** Answers an event, and each request in it, as done. */
  done(place: number): void {
    const { payload } = this.sent.at(place) as Sent;
    this.answer(place, ...requestsOf(payload).map(() => DONE));
  }

  /** The number by which `answers` name a batch. */
  batch(place: number): number {
    return Number(this.sent.at(place)?.payload["batch"]);
  }
}

export const refusal = (code: string, retryable = false) => ({
  ok: false,
  error: { code, message: `It is ${code}.`, retryable },
});

/** When this turn of the event loop, and all that follows from it at once, is over. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** For promises whose end does not matter to the test. */
export function ignore(...promises: readonly Promise<unknown>[]): void {
  for (const promise of promises) promise.catch(() => undefined);
}

function requestsOf(payload: Payload): Payload[] {
  return Array.isArray(payload["requests"])
    ? (eachRequest(payload["requests"]) as [string, Payload][]).map(([, each]) => each)
    : [payload];
}

function said(name: string, { key, op, upTo }: Payload, counter: unknown = String(op ?? "").slice(23)): string {
  return [name, key ?? upTo, counter].filter((word) => word !== undefined && word !== "").join(" ");
}
