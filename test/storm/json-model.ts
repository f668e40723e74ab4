import * as v from "valibot";
import { ask } from "../support/json-clients.ts";
import type { WsClient } from "../support/text-clients.ts";

const Answer = v.object({
  success: v.boolean(),
  error: v.optional(v.string(), ""),
  values: v.optional(v.record(v.string(), v.string()), {}),
});

export class JsonAnswer {
  readonly text: string;
  readonly success: boolean;
  readonly values: Readonly<Record<string, string>>;
  readonly #error: string;

  private constructor(text: string) {
    this.text = text;
    const { success, values, error } = v.parse(Answer, JSON.parse(text));
    this.success = success;
    this.values = values;
    this.#error = error;
  }

  static async to(client: WsClient, message: object): Promise<JsonAnswer> {
    return new JsonAnswer(await ask(client, message));
  }

  get isCircle(): boolean {
    return this.#error.startsWith("This wait would never end");
  }

  get isLate(): boolean {
    return this.#error.includes("was not free within");
  }

  /** How often a key was counted up; 0 where there is no such key. */
  count(key: string): number {
    return Number(this.values[key] ?? 0);
  }
}

/** One write of a pair. The times are steps of one clock, of which every event has its own. */
interface Write {
  readonly value: string;
  readonly began: number;
  ended: number;
}

/**
 * What may be found in pairs that are written as one: two same values, of a write that had begun when the reader was
 * answered, and that no other, begun behind its end, had replaced by the time he asked.
 */
export class PairModel {
  looks = 0;
  readonly #fault: (what: string) => void;
  readonly #writes = new Map<string, Write[]>();
  #now = 0;

  constructor(fault: (what: string) => void) {
    this.#fault = fault;
  }

  /** To be called before the write; what is returned, when it was answered. */
  begin(pair: string, value: string): () => void {
    const write: Write = { value, began: ++this.#now, ended: Number.POSITIVE_INFINITY };
    this.#writes.set(pair, [...(this.#writes.get(pair) ?? []), write]);
    return () => {
      write.ended = ++this.#now;
    };
  }

  /** To be called before the read; what is returned, with what was found. */
  look(pair: string): (first: string | undefined, second: string | undefined) => void {
    const asked = ++this.#now;
    return (first, second) => {
      this.looks++;
      if (first !== second) return this.#fault(`of a pair ${pair} the values are ${first} and ${second}`);
      const writes = this.#writes.get(pair) ?? [];
      const found = first === undefined ? { began: 0, ended: 0 } : writes.find(({ value }) => value === first);
      if (found === undefined) return this.#fault(`nobody wrote ${first} to ${pair}`);
      const stale = writes.some(({ began, ended }) => began > found.ended && ended < asked);
      if (stale) this.#fault(`${pair} was read as ${first}, which had been replaced before`);
    };
  }
}
