import { Writable } from "node:stream";
import { cursorShow } from "@inquirer/ansi";
import { atOnce } from "./at-once.ts";
import { Frame } from "./frame.ts";
import type { Output } from "./io.ts";

// What a prompt writes before it draws itself again, or ends: down to its last line, then erase upwards.
const ERASURE = /^(\x1b\[\d+B)?((?:\x1b\[2K(?:\x1b\[1A)?)*(?:\x1b\[G)?)/;

/**
 * The `output` of every prompt. It remembers what the open prompt has drawn, so that `print` can put a text
 * above it: erase the prompt, write the text, draw the prompt again with the cursor where it was.
 */
export class LiveTerminal extends Writable {
  readonly #out: Output;
  /** What the open prompt has drawn, or null between prompts. */
  #frame: Frame | null = null;
  /** What is to be printed when another program gives the terminal back; null while none has it. */
  #held: string[] | null = null;

  constructor(out: Output) {
    super({ decodeStrings: false });
    this.#out = out;
    out.on("resize", () => this.#redrawWhole());
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
    if (this.#held !== null) this.#held.push(text);
    else if (this.#frame === null) this.#out.write(`${text}\n`);
    else this.#out.write(atOnce(`${this.#frame.erasure(this.columns)}${text}\n${this.#frame.drawing}`));
  }

  /** While another program has the terminal, nothing is printed; the returned function prints it then. */
  hold(): () => void {
    this.#held ??= [];
    return () => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const text of held) this.print(text);
    };
  }

  /** Moves below the open prompt, for what another program writes. */
  leave(): void {
    this.#out.write(`${this.#frame?.toEnd(this.columns) ?? ""}\n${cursorShow}`);
  }

  /** Draws the open prompt once more, where the cursor is now. */
  redraw(): void {
    if (this.#frame !== null) this.#out.write(this.#frame.drawing);
  }

  /** A prompt takes away as many lines as it has written, which may be more rows by now: that is done here for it. */
  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    if (Frame.isMove(text)) {
      this.#frame?.move(text);
      this.#out.write(text);
    } else {
      const [before = "", , erasure = ""] = ERASURE.exec(text) ?? [];
      const old = this.#frame;
      const body = text.slice(before.length);
      const removal = erasure === "" ? old?.toEnd(this.columns) : old?.erasure(this.columns);
      this.#frame = new Frame(body);
      this.#out.write(atOnce(`${removal ?? before}${body}`));
    }
    // At once, as `print` goes past this stream's queue.
    done();
  }

  /** A prompt ends its output when it is answered: the stream stays, the prompt's picture goes. */
  override end(): this {
    this.#frame = null;
    return this;
  }

  #redrawWhole(): void {
    if (this.#frame === null || this.#held !== null) return;
    this.#out.write(atOnce(`${this.#frame.erasure(this.columns)}${this.#frame.drawing}`));
  }
}
