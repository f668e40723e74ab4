import { createInterface, type Key } from "node:readline";
import { Readable } from "node:stream";
import type { Io } from "./io.ts";
import { lastWords } from "./last-words.ts";
import { Paste } from "./paste.ts";
import { setRaw } from "./suspension.ts";

/** How long a lone ESC byte may be the beginning of an arrow key. */
const ESCAPE_MS = 50;

// Bracketed paste: a terminal that knows it says where a paste begins and ends.
const PASTE_MARKS_ON = "\x1b[?2004h";
const PASTE_MARKS_OFF = "\x1b[?2004l";

/** What is drawn on a line as it is. Line separators would end the line for readline. */
const PLAIN = /^[^\p{Cc}\u2028\u2029]+$/u;

const CTRL_C = "\x03";
const URGENT: readonly string[] = ["c", "d", "z"];

/** How a question takes what is typed. */
export interface Typing {
  /** The one line that a paste becomes. */
  readonly paste: (text: string) => string;
  /** Asked at Enter: null where it can be given at once, else whether it shall be given then. @default null, always */
  readonly beforeEnter?: () => Promise<boolean> | null;
  /** Whether it takes only what ends it; all else is kept for the next question. @default false */
  readonly onlyUrgent?: boolean;
}

/** What the prompt is to be given: a key, or several characters as one. */
type Item = { readonly kind: "key"; readonly text: string | undefined; readonly key: Key } | Text;
interface Text {
  readonly kind: "text" | "paste";
  readonly text: string;
}

/**
 * The `input` of every prompt, between it and the terminal. A prompt draws itself anew at each key: so what comes at
 * once is handed on as one. And an Enter is the last that a question is given, until it is clear what it has done:
 *
 *     open ──Enter──▶ deciding ──answered──▶ closed, what was typed behind it is for the next question
 *      ▲  ╲             ▲   ╲
 *      │   ╲Enter, early│    ╲refused: what was typed behind it is dropped
 *      │    ▼           │     ╲
 *      │   waiting ─────┘      ▼
 *      └──────────────────── open
 *
 * While it waits, what ends a question is handed on all the same: Esc, Ctrl-C, Ctrl-D and Ctrl-Z.
 */
export class KeyGate extends Readable {
  readonly #input: Readable;
  readonly #output: Io["output"];
  #question: Typing | null = null;
  #state: "open" | "deciding" | "waiting" = "open";
  #typed: Item[] = [];
  #paste: Paste | null = null;
  #soon: NodeJS.Immediate | undefined;
  #stopMarks: (() => void) | null = null;

  constructor({ input, output }: Io) {
    super();
    this.#input = input;
    this.#output = output;
    input.once("end", () => this.push(null));
    // The first interface on an input decides how long ESC is waited on; the default of 500 ms feels broken.
    createInterface({ input, terminal: true, escapeCodeTimeout: ESCAPE_MS }).close();
  }

  /** Keys come as events. */
  override _read(): void {}

  override resume(): this {
    this.#input.resume();
    return super.resume();
  }

  override pause(): this {
    this.#input.pause();
    return super.pause();
  }

  /** Pastes are marked as long as keys come one by one: not while the terminal is lent, or the process is suspended. */
  setRawMode(raw: boolean): void {
    setRaw(this.#input, raw);
    if (raw === (this.#stopMarks !== null)) return;
    this.#stopMarks?.();
    // When the window is closed, there is no terminal any more.
    const last = (signal?: NodeJS.Signals) => signal !== "SIGHUP" && this.#output.write(PASTE_MARKS_OFF);
    this.#stopMarks = raw ? lastWords(last) : null;
    this.#output.write(raw ? PASTE_MARKS_ON : PASTE_MARKS_OFF);
  }

  /** Hands on what is typed, to a prompt that listens by now. The returned function ends that. */
  open(question: Typing): () => void {
    const onKey = (text: string | undefined, key: Key) => this.#onKey(text, key);
    const onData = (chunk: Buffer | string) => this.#onChunk(chunk);
    this.#question = question;
    this.#state = question.onlyUrgent === true ? "waiting" : "open";
    this.#input.on("keypress", onKey).on("data", onData);
    this.#handOn();
    return () => {
      this.#input.off("keypress", onKey).off("data", onData);
      this.#question = null;
    };
  }

  /** Drops what was typed for questions that do not come now. */
  forget(): void {
    this.#typed = [];
    this.#paste?.drop();
  }

  #onKey(text: string | undefined, key: Key): void {
    const sequence = key.sequence ?? text ?? "";
    if (this.#paste !== null) this.#addToPaste(this.#paste, sequence, key.name === "paste-end");
    else if (key.name === "paste-start") this.#paste = new Paste();
    else if (PLAIN.test(sequence)) this.#addText(sequence);
    else this.#add({ kind: "key", text, key });
  }

  #addToPaste(paste: Paste, sequence: string, isEnd: boolean): void {
    if (!paste.add(sequence, isEnd)) return;
    this.#paste = null;
    if (!paste.isDropped) this.#add({ kind: "paste", text: paste.text });
  }

  /** Ctrl-C by itself, in a paste whose end was lost, or is not wanted any more. */
  #onChunk(chunk: Buffer | string): void {
    if (this.#paste === null || chunk.toString() !== CTRL_C) return;
    this.#paste = null;
    this.#add({ kind: "key", text: CTRL_C, key: { sequence: CTRL_C, name: "c", ctrl: true } });
  }

  #addText(sequence: string): void {
    const last = this.#typed.at(-1);
    if (last?.kind === "text") this.#typed[this.#typed.length - 1] = { kind: "text", text: last.text + sequence };
    else this.#typed.push({ kind: "text", text: sequence });
    // When all that has come is read.
    this.#soon ??= setImmediate(() => this.#handOn());
  }

  #add(item: Item): void {
    this.#typed.push(item);
    this.#handOn();
  }

  #handOn(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    for (;;) {
      const item = this.#next();
      if (item === undefined || this.#question === null) return;
      if (item.kind === "key") this.#give(item.text, item.key, this.#question);
      else this.#write(item.kind === "paste" ? this.#question.paste(item.text) : item.text);
    }
  }

  #next(): Item | undefined {
    if (this.#question === null || this.#state === "deciding") return undefined;
    const at = this.#state === "open" ? 0 : this.#typed.findIndex(isUrgent);
    return at < 0 ? undefined : this.#typed.splice(at, 1)[0];
  }

  #write(text: string): void {
    if (text !== "") this.emit("keypress", text, { sequence: text });
  }

  #give(text: string | undefined, key: Key, question: Typing): void {
    const isEnter = key.name === "return" || key.name === "enter";
    const early = isEnter ? (question.beforeEnter?.() ?? null) : null;
    if (early !== null) this.#giveLater(text, key, early);
    else {
      if (isEnter) this.#decide();
      this.emit("keypress", text, key);
    }
  }

  #giveLater(text: string | undefined, key: Key, early: Promise<boolean>): void {
    const question = this.#question;
    this.#state = "waiting";
    void early.then((isMeant) => {
      if (this.#question !== question) return;
      this.#decide();
      if (isMeant) this.emit("keypress", text, key);
    });
  }

  #decide(): void {
    const question = this.#question;
    this.#state = "deciding";
    // When all promises have been seen to: whoever takes the Enter has closed by then, or the next question is open.
    queueMicrotask(() =>
      process.nextTick(() => {
        if (this.#question === question) this.#refused();
      }),
    );
  }

  #refused(): void {
    this.#typed = this.#typed.filter(isUrgent);
    this.#state = "open";
    this.#handOn();
  }
}

function isUrgent(item: Item): boolean {
  if (item.kind !== "key") return false;
  const { name = "", ctrl } = item.key;
  return name === "escape" || (ctrl === true && URGENT.includes(name));
}
