import { Writable } from "node:stream";
import { cursorDown, cursorShow, eraseLines } from "@inquirer/ansi";
import type { Output } from "./io.ts";

// What a prompt writes before it draws itself again: down to its last line, then erase upwards.
const ERASURE = /^(?:\x1b\[\d+B)?(?:\x1b\[2K(?:\x1b\[1A)?)*(?:\x1b\[G)?/;
const TO_COLUMN = /^\x1b\[\d+G$/;
const UP_TO_INPUT = /\x1b\[(\d+)A\x1b\[\d+G/;
// Terminals that know synchronized output draw all in between at once; the others ignore it.
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";

/**
 * The `output` of every prompt. It remembers what the open prompt has drawn, so that `print` can put a text
 * above it: erase the prompt, write the text, draw the prompt again with the cursor where it was.
 */
export class LiveTerminal extends Writable {
  readonly #out: Output;
  /** What the open prompt has drawn, or null between prompts. */
  #frame: string | null = null;
  /** The last move of the cursor within that. */
  #move = "";

  constructor(out: Output) {
    super({ decodeStrings: false });
    this.#out = out;
  }

  // Both are what prompts ask of their output.
  get columns(): number {
    return this.#out.columns ?? 80;
  }

  get rows(): number {
    return this.#out.rows ?? 24;
  }

  /** Calls back when the window has another size; returns what stops that. */
  onResize(listener: () => void): () => void {
    this.#out.on("resize", listener);
    return () => this.#out.off("resize", listener);
  }

  /** Writes whole lines, above the open prompt if there is one. */
  print(text: string): void {
    if (this.#frame === null) {
      this.#out.write(`${text}\n`);
      return;
    }
    const height = this.#frame.split("\n").length;
    // Line by line: a terminal multiplexer would push a screen cleared at once into its history.
    const erase = cursorDown(this.#below) + eraseLines(height);
    this.#out.write(`${BEGIN}${erase}${text}\n${this.#frame}${this.#move}${END}`);
  }

  /** Moves below the open prompt, for what another program writes. */
  leave(): void {
    this.#out.write(`${cursorDown(this.#below)}\n${cursorShow}`);
  }

  /** Draws the open prompt once more, where the cursor is now. */
  redraw(): void {
    if (this.#frame !== null) this.#out.write(`${this.#frame}${this.#move}`);
  }

  /** Lines of the open prompt below its cursor. */
  get #below(): number {
    return Number(UP_TO_INPUT.exec(this.#frame ?? "")?.[1] ?? 0);
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    if (TO_COLUMN.test(text)) {
      this.#move = text;
    } else {
      this.#frame = text.replace(ERASURE, "");
      this.#move = "";
    }
    this.#out.write(text);
    // At once, as `print` goes past this stream's queue.
    done();
  }

  /** A prompt ends its output when it is answered: the stream stays, the prompt's picture goes. */
  override end(): this {
    this.#frame = null;
    this.#move = "";
    return this;
  }
}
