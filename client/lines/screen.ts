import { cursorDown, cursorTo, cursorUp, eraseLines } from "@inquirer/ansi";
import { atOnce } from "../terminal/at-once.ts";
import { columnsOf, type Output, rowsOf } from "../terminal/io.ts";
import { type Frame, layOut } from "./frame.ts";

/** Where lines are printed while one is being typed. */
export interface Screen {
  readonly columns: number;
  /** Writes whole lines, above the open prompt if there is one. */
  print(text: string): void;
  /** Opens the prompt, or shows it as it is now. */
  show(frame: Frame): void;
  /** Leaves the prompt where it is, as a line with this text, and goes on below. */
  keep(text: string): void;
  /** Goes below the prompt, for what another program writes. */
  leave(): void;
  /** Draws the prompt once more, where the cursor is now. */
  redraw(): void;
}

/**
 * A screen that keeps the prompt at its lower end: it is erased and drawn again with the cursor where it was. The
 * terminal breaks long lines itself, so that it can break them anew when the window gets another width; then they take
 * the rows that they would be laid out in for that width.
 */
export class DrawnScreen implements Screen {
  readonly #out: Output;
  #frame: Frame | null = null;

  constructor(out: Output) {
    this.#out = out;
  }

  get columns(): number {
    return columnsOf(this.#out);
  }

  print(text: string): void {
    this.#write(`${this.#erasure()}${text}\n${this.#picture()}`);
  }

  show(frame: Frame): void {
    const erasure = this.#erasure();
    this.#frame = frame;
    this.#write(erasure + this.#picture());
  }

  keep(text: string): void {
    const erasure = this.#erasure();
    this.#frame = null;
    this.#write(`${erasure}${text}\n`);
  }

  leave(): void {
    if (this.#frame === null) return;
    const { rows, cursorRow } = this.#layOut(this.#frame);
    this.#out.write(`${cursorDown(rows.length - 1 - cursorRow)}\n`);
  }

  redraw(): void {
    this.#write(this.#picture());
  }

  #write(text: string): void {
    if (text !== "") this.#out.write(atOnce(text));
  }

  /** Line by line: a terminal multiplexer would push a screen cleared at once into its history. */
  #erasure(): string {
    if (this.#frame === null) return "";
    const { rows, cursorRow } = this.#layOut(this.#frame);
    return cursorDown(rows.length - 1 - cursorRow) + eraseLines(rows.length);
  }

  #picture(): string {
    if (this.#frame === null) return "";
    const { rows, cursorRow, cursorColumn } = this.#layOut(this.#frame);
    return rows.join("") + cursorUp(rows.length - 1 - cursorRow) + cursorTo(cursorColumn);
  }

  #layOut(frame: Frame) {
    return layOut(frame, this.columns, Math.max(1, rowsOf(this.#out) - 1));
  }
}
