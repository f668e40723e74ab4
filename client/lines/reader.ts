import type { Key } from "node:readline";
import type { Readable } from "node:stream";
import { printable } from "../terminal/printable.ts";
import { Interrupted } from "../terminal/question.ts";
import { NOTHING } from "./editor.ts";
import { frameOf } from "./frame.ts";
import { listenToKeys } from "./keyboard.ts";
import type { Recall } from "./recall.ts";
import type { Screen } from "./screen.ts";
import { type Complete, Typing } from "./typing.ts";

/** The user is done: Ctrl-D on an empty line. */
export class Left extends Error {}
/** The user does not want to answer: Ctrl-C at a question. */
export class Cancelled extends Error {}

export interface ReaderListener {
  /** What stands in front of the line. */
  prompt(): string;
  /** Ctrl-C where nothing is typed, for the first time in a row. */
  interrupted(): void;
  /** A line was entered in front of the open prompt while another one is at work. */
  queued(): void;
  readonly complete: Complete;
}

interface Asked {
  readonly question: string;
  readonly isSecret: boolean;
  readonly isOptional: boolean;
}

interface Taker {
  /** Null where a line for the prompt is awaited. */
  readonly asked: Asked | null;
  resolve(text: string): void;
  reject(error: Error): void;
}

/**
 * The keyboard of line mode: what is typed, at any time, and what was entered until somebody takes it.
 *
 *     prompt closed: letters are kept unseen, entered lines too   (a command is at work, for a moment)
 *     prompt open:   the line is seen; entered lines are taken, or, while a command is at work, queued
 */
export class LineReader {
  readonly #input: Readable;
  readonly #screen: Screen;
  readonly #listener: ReaderListener;
  readonly #typing: Typing;
  readonly #end = new AbortController();
  #isOpen = false;
  /** Lines entered at the open prompt that wait for the command at work. */
  #queued: string[] = [];
  /** Lines entered while the prompt was closed, as in a paste; null is Ctrl-D. */
  #ahead: (string | null)[] = [];
  #taker: Taker | null = null;
  #interrupts = 0;
  #lastKey: string | undefined;
  #willDraw = false;
  #stop: () => void = () => undefined;

  constructor(input: Readable, screen: Screen, recall: Recall, listener: ReaderListener) {
    this.#input = input;
    this.#screen = screen;
    this.#listener = listener;
    this.#typing = new Typing(recall, listener.complete, () => this.#drawSoon());
  }

  /** Aborted with `Left` or `Interrupted` when the user wants to go. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether nobody waits for a line. */
  get isIdle(): boolean {
    return this.#taker === null;
  }

  /** Whether a line is seen while it is typed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  start(): void {
    const onEnd = () => this.end(new Interrupted());
    this.#stop = listenToKeys(this.#input, this.#screen, (key) => this.#onKey(key), onEnd);
  }

  close(): void {
    this.#stop();
    if (this.#isOpen) this.#screen.keep(this.#shownLine());
    this.#isOpen = false;
  }

  /** The next line, in front of the prompt. @throws what ends it */
  async line(): Promise<string> {
    const queued = this.#queued.shift();
    if (queued !== undefined) return queued;
    const next = this.#nextAhead();
    if (next === undefined) {
      this.open();
      return this.#take(null);
    }
    this.#screen.keep(this.#listener.prompt() + printable(next));
    return next;
  }

  /** Asks for a line of another kind; what was being typed comes back afterwards. @throws Cancelled, what ends it */
  async ask(question: string, { isSecret = false, isOptional = false }: Partial<Asked> = {}): Promise<string> {
    const asked = { question, isSecret, isOptional };
    const next = this.#nextAhead();
    if (next !== undefined) {
      this.#screen.keep(question + (isSecret ? "" : printable(next)));
      return next;
    }
    const wasOpen = this.#isOpen;
    const stash = wasOpen ? this.#typing.begin() : NOTHING;
    try {
      const answer = this.#take(asked);
      this.#isOpen = true;
      this.#draw();
      return await answer;
    } finally {
      if (wasOpen) this.#typing.begin(stash);
      if (wasOpen && !this.ended.aborted) this.open();
    }
  }

  /** Shows the prompt and what is typed, also while a command is at work. An open question stays. */
  open(): void {
    if (this.#taker?.asked) return;
    for (let next = this.#ahead[0]; typeof next === "string"; next = this.#ahead[0]) {
      this.#ahead.shift();
      this.#queue(next);
    }
    this.#isOpen = true;
    this.#draw();
  }

  /** The prompt, or the window's width, has changed. */
  refresh(): void {
    if (this.#isOpen) this.#draw();
  }

  /** Closes the prompt, and ends the wait for a line. */
  cancel(why: Error): void {
    if (this.#isOpen) this.#screen.keep(this.#shownLine());
    this.#isOpen = false;
    this.#typing.begin();
    this.#dismiss()?.reject(why);
  }

  /** Lets go of the queued lines; returns how many. */
  drop(): number {
    return this.#queued.splice(0).length;
  }

  /** Takes all lines that were entered and that nobody has taken, in order. */
  takeEntered(): readonly string[] {
    const ahead = this.#ahead.splice(0);
    // Whoever wants to leave still does.
    if (ahead.includes(null)) this.#ahead.push(null);
    return [...this.#queued.splice(0), ...ahead.filter((line) => line !== null)];
  }

  /** As when the user wants to go. */
  end(why: Error): void {
    this.cancel(why);
    this.#end.abort(why);
  }

  #nextAhead(): string | undefined {
    const next = this.#ahead.shift();
    if (next === null) this.end(new Left());
    this.ended.throwIfAborted();
    return next ?? undefined;
  }

  /** What was entered before is run before. */
  #endInTurn(): void {
    if (this.#isOpen) this.end(new Left());
    else this.#ahead.push(null);
  }

  #take(asked: Asked | null): Promise<string> {
    this.ended.throwIfAborted();
    return new Promise<string>((resolve, reject) => {
      this.#taker = { asked, resolve, reject };
    });
  }

  #onKey(key: Key): void {
    const isSecondHalf = key.name === "enter" && this.#lastKey === "return";
    this.#lastKey = key.name;
    const isInterrupt = key.ctrl === true && key.name === "c";
    if (!isInterrupt) this.#interrupts = 0;
    if (isInterrupt) this.#interrupt();
    else if (key.ctrl && key.name === "d" && this.#typing.isEmpty) this.#endInTurn();
    else if (key.name === "return" || (key.name === "enter" && !isSecondHalf)) this.#enter();
    else if (key.name !== "enter") {
      this.#typing.press(key, (this.#taker?.asked ?? null) === null);
      this.#drawSoon();
    }
  }

  #enter(): void {
    const { text } = this.#typing.line;
    if (this.#taker !== null) {
      this.#screen.keep(this.#shownLine());
      this.#isOpen = false;
    } else if (this.#isOpen) {
      this.#queue(text);
    } else {
      this.#ahead.push(text);
    }
    this.#typing.begin();
    // At once: the next line of a paste is not for the same taker.
    this.#dismiss()?.resolve(text);
    if (this.#isOpen) this.#draw();
  }

  #dismiss(): Taker | null {
    const taker = this.#taker;
    this.#taker = null;
    return taker;
  }

  #queue(text: string): void {
    this.#screen.keep(this.#listener.prompt() + printable(text));
    if (text.trim() === "") return;
    this.#queued.push(text);
    this.#listener.queued();
  }

  #interrupt(): void {
    const wasTyping = !this.#typing.isEmpty;
    if (this.#isOpen) this.#screen.keep(`${this.#shownLine()}^C`);
    this.#typing.begin();
    this.#ahead = [];
    if (this.#taker?.asked?.isOptional === true) {
      this.#isOpen = false;
      this.#dismiss()?.reject(new Cancelled());
    } else if (!wasTyping && ++this.#interrupts > 1) {
      this.end(new Interrupted());
    } else {
      if (!wasTyping) this.#listener.interrupted();
      if (this.#isOpen) this.#draw();
    }
  }

  /** Once for all letters of a paste. */
  #drawSoon(): void {
    if (this.#willDraw || !this.#isOpen) return;
    this.#willDraw = true;
    queueMicrotask(() => {
      this.#willDraw = false;
      if (this.#isOpen) this.#draw();
    });
  }

  #draw(): void {
    const asked = this.#taker?.asked ?? null;
    const shown = asked?.isSecret === true ? NOTHING : this.#typing.line;
    this.#screen.show(frameOf(asked?.question ?? this.#listener.prompt(), shown));
  }

  #shownLine(): string {
    const asked = this.#taker?.asked ?? null;
    return (
      (asked?.question ?? this.#listener.prompt()) + (asked?.isSecret === true ? "" : printable(this.#typing.line.text))
    );
  }
}
