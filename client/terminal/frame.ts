import { stripVTControlCharacters } from "node:util";
import { cursorDown, eraseLines } from "@inquirer/ansi";
import { widthOf } from "./fit.ts";

// How a prompt leaves the cursor behind what it has drawn: up to the line of its input, and to a column.
const TO_INPUT = /(?:\x1b\[(\d+)A)?\x1b\[(\d+)G$/;
const TO_COLUMN = /^\x1b\[(\d+)G$/;

/**
 * What an open prompt has drawn, and how to take it away again. A terminal that was made narrower has broken its
 * lines anew, which the prompt does not know: so the rows are counted here, by the width of now.
 */
export class Frame {
  readonly #text: string;
  readonly #lines: readonly number[];
  /** The line with the cursor. */
  readonly #inputLine: number;
  #column: number;

  constructor(text: string) {
    const [, up = "0", column = "1"] = TO_INPUT.exec(text) ?? [];
    this.#text = text;
    this.#lines = text.split("\n").map((line) => widthOf(stripVTControlCharacters(line)));
    this.#inputLine = Math.max(0, this.#lines.length - 1 - Number(up));
    this.#column = Number(column);
  }

  static isMove(text: string): boolean {
    return TO_COLUMN.test(text);
  }

  /** The cursor was moved within its line. */
  move(text: string): void {
    this.#column = Number(TO_COLUMN.exec(text)?.[1] ?? this.#column);
  }

  /** What draws it, where the cursor is. */
  get drawing(): string {
    return `${this.#text}\x1b[${this.#column}G`;
  }

  /** What moves from its cursor to its last row. */
  toEnd(columns: number): string {
    const rows = this.#lines.map((width) => rowsOf(width, columns));
    const above = sum(rows.slice(0, this.#inputLine)) + Math.floor((this.#column - 1) / columns);
    return cursorDown(Math.max(0, sum(rows) - 1 - above));
  }

  /** What takes it away and leaves the cursor at its beginning. */
  erasure(columns: number): string {
    // Line by line: a terminal multiplexer would push a screen cleared at once into its history.
    return this.toEnd(columns) + eraseLines(sum(this.#lines.map((width) => rowsOf(width, columns))));
  }
}

function rowsOf(width: number, columns: number): number {
  return Math.max(1, Math.ceil(width / columns));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
