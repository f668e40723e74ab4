import { cursorHide, cursorShow } from "@inquirer/ansi";
import { counted } from "../terminal/counted.ts";
import { cut } from "../terminal/fit.ts";

/** Characters of the end that stay in sight. */
const TAIL = 20;

/**
 * What a question shows of its answer: all of it, unless that would fill the window; each key draws it anew. The cursor
 * of a text that is not all there would stand anywhere.
 */
export function longText(text: string, columns: number, rows: number): string {
  if (text.length <= (columns * rows) / 2) return `${text}${cursorShow}`;
  // Not half a character.
  const tail = text.slice(-TAIL).replace(/^[\udc00-\udfff]/, "");
  return `${cut(text, columns)}${tail} (${counted(text.length, "character")})${cursorHide}`;
}
