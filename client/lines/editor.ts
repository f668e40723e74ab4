import type { Key } from "node:readline";
import { pieces } from "../terminal/fit.ts";

/** A line being typed. */
export interface Typed {
  readonly text: string;
  /** Index in `text` before which the next letter comes. */
  readonly cursor: number;
}

export const NOTHING: Typed = { text: "", cursor: 0 };

/** Longer clusters of characters that look like one do not matter. */
const CLUSTER = 64;

export function typed(text: string): Typed {
  return { text, cursor: text.length };
}

/** The line with a text put in at the cursor. */
export function insert({ text, cursor }: Typed, more: string): Typed {
  // At the end, where almost all typing is: long pastes would be copied for each letter otherwise.
  if (cursor === text.length) return typed(text + more);
  return { text: text.slice(0, cursor) + more + text.slice(cursor), cursor: cursor + more.length };
}

/** What a key makes of the line, or undefined when it edits nothing. The keys are those of other line editors. */
export function edit(line: Typed, { name, ctrl, meta, sequence = "" }: Key): Typed | undefined {
  const { text, cursor } = line;
  switch (`${ctrl ? "ctrl+" : ""}${meta ? "meta+" : ""}${name ?? ""}`) {
    case "backspace":
    case "ctrl+h":
      return without(line, left(line), cursor);
    case "delete":
    case "ctrl+d":
      return without(line, cursor, right(line));
    case "left":
    case "ctrl+b":
      return { text, cursor: left(line) };
    case "right":
    case "ctrl+f":
      return { text, cursor: right(line) };
    case "home":
    case "ctrl+a":
      return { text, cursor: 0 };
    case "end":
    case "ctrl+e":
      return typed(text);
    case "ctrl+left":
    case "meta+left":
    case "meta+b":
      return { text, cursor: wordLeft(line) };
    case "ctrl+right":
    case "meta+right":
    case "meta+f":
      return { text, cursor: cursor + (/^\s*\S*/u.exec(text.slice(cursor))?.[0].length ?? 0) };
    case "ctrl+w":
    case "meta+backspace":
      return without(line, wordLeft(line), cursor);
    case "ctrl+u":
      return without(line, 0, cursor);
    case "ctrl+k":
      return without(line, cursor, text.length);
    default:
      return ctrl || meta || !isText(sequence) ? undefined : insert(line, sequence);
  }
}

/** Keys without a letter send a control character first. A pasted tab is text. */
function isText(sequence: string): boolean {
  return sequence !== "" && (sequence === "\t" || !/^\p{Cc}/u.test(sequence));
}

function without({ text }: Typed, from: number, to: number): Typed {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function left({ text, cursor }: Typed): number {
  const before = text.slice(Math.max(0, cursor - CLUSTER), cursor);
  return cursor - (pieces(before, 1).at(-1)?.length ?? 0);
}

function right({ text, cursor }: Typed): number {
  return cursor + (pieces(text.slice(cursor, cursor + CLUSTER), 1)[0]?.length ?? 0);
}

function wordLeft({ text, cursor }: Typed): number {
  const before = text.slice(0, cursor).trimEnd();
  let at = before.length;
  while (at > 0 && /\S/u.test(before.charAt(at - 1))) at--;
  return at;
}
