import type { Push, PushName } from "../../protocol/pushes.ts";
import type { Clock } from "../domain/clock.ts";
import type { Connection } from "../domain/sessions.ts";
import { type TalkParts, TextTalk } from "./text-talk.ts";

/** What carries the messages of one connection. */
export interface Wire {
  /** Resolves when there is room for more, or nobody is left to take it. */
  send(text: string): Promise<void>;
  /** Closes when what was sent is taken, or not taken in time. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Bytes that wait to be taken by the client. */
  backlog(): number;
}

export interface TextConnectionParts extends Omit<TalkParts, "connection" | "onName"> {
  readonly clock: Clock;
  /** What the log says of whoever has got his name. */
  readonly greeting: (name: string) => string;
}

/** A connection that has said nothing for so long, and has no name, is closed. */
export const NAMELESS_MS = 60_000;
/** A client that does not take the last words within this time loses them; one that goes on talking is cut. */
export const CLOSE_MS = 2_000;
/** So many answers in one turn, that nobody else has to wait for more. */
export const ANSWERS_A_TURN = 64;
/** So long an answer may wait to be taken. */
export const STALLED_MS = 60_000;

/** One connection of a text door: answers message after message, until one of the two sides has had enough. */
export class TextConnection implements Connection {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #talk: TextTalk;
  #state: "open" | "answering" | "closing" | "closed" = "open";
  #cancelIdle: () => void = () => undefined;

  constructor(wire: Wire, parts: TextConnectionParts) {
    this.#wire = wire;
    this.#clock = parts.clock;
    this.#talk = new TextTalk({
      ...parts,
      connection: this,
      onName: (name) => parts.log.info({ user: name, address: parts.address }, parts.greeting(name)),
    });
    this.#waitForName();
  }

  get hasName(): boolean {
    return this.#talk.hasName;
  }

  /** Whether messages are still answered. */
  get isOpen(): boolean {
    return this.#state === "open" || this.#state === "answering";
  }

  /**
   * To be called with one message at a time. Resolves when the next may come.
   * @param message null for what is no text
   */
  async hear(message: string | null): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "answering";
    this.#cancelIdle();
    const { text, isLast } = await this.#talk.answer(message);
    if (this.#isGone()) return;
    await this.#wire.send(text);
    if (this.#isGone()) return;
    if (isLast || this.#isClosing()) this.#end();
    else {
      this.#state = "open";
      this.#waitForName();
    }
  }

  /** The client is gone. */
  left(): void {
    this.#state = "closed";
    this.#cancelIdle();
    this.#talk.leave();
  }

  /** These doors have no words for what happens unasked. */
  push<N extends PushName>(_name: N, _payload: Push<N>): void {}

  /** Behind the answer that is under way. */
  close(): void {
    if (this.#state === "open") this.#end();
    else if (this.#state === "answering") this.#state = "closing";
  }

  dismiss(): void {
    if (this.backlog() > 0) this.abort();
    else this.#end();
  }

  backlog(): number {
    return this.#wire.backlog();
  }

  abort(): void {
    this.left();
    this.#wire.destroy();
  }

  #end(): void {
    if (this.#isGone()) return;
    this.left();
    this.#wire.end();
  }

  #isClosing(): boolean {
    return this.#state === "closing";
  }

  #isGone(): boolean {
    return this.#state === "closed";
  }

  #waitForName(): void {
    if (!this.hasName) this.#cancelIdle = this.#clock.after(NAMELESS_MS, () => this.#end());
  }
}
