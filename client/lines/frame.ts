import { pieces, widthOf } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Typed } from "./editor.ts";

/** The open prompt as it is to be seen: printable, and without line breaks of its own. */
export interface Frame {
  readonly prompt: string;
  /** What stands between the prompt and the cursor. */
  readonly before: string;
  readonly after: string;
}

/** Of what is typed, so much is laid out on each side of the cursor: more than a screen shows. */
const MOST_SHOWN = 8_192;

export function frameOf(prompt: string, { text, cursor }: Typed): Frame {
  const from = Math.max(0, cursor - MOST_SHOWN);
  return {
    prompt,
    before: (from > 0 ? "…" : "") + printable(text.slice(from, cursor)),
    after: printable(text.slice(cursor, cursor + MOST_SHOWN)),
  };
}

/** A frame in a window's rows. */
export interface Layout {
  /** Each but the last is full: written in one go, the terminal itself breaks the text there. */
  readonly rows: readonly string[];
  /** Of `rows`, the one with the cursor. */
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** Where a text longer than `most` rows would leave the window, only the rows around the cursor are shown. */
export function layOut({ prompt, before, after }: Frame, columns: number, most: number): Layout {
  // With a blank at the end the cursor always stands on something, and never beyond the last column.
  const rest = `${after} `;
  const rows = pieces(prompt + before + rest, columns);
  const under = pieces(rest.slice(0, 64), 1)[0] ?? " ";
  const upToCursor = pieces(prompt + before + under, columns);
  const row = upToCursor.length - 1;
  const first = Math.max(0, Math.min(row - most + 1, rows.length - most));
  return {
    rows: rows.slice(first, first + most),
    cursorRow: row - first,
    cursorColumn: widthOf(upToCursor[row] ?? "") - widthOf(under),
  };
}
