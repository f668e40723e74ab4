import type { KeyPress } from "./key-press.ts";

/** The small line at the bottom, and what is typed into it. */
export interface Typing {
  readonly what: "room" | "prefix";
  readonly text: string;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What stands there after this key. */
export function typed(typing: Typing, { name, text, ctrl }: KeyPress): Typing {
  if (name === "backspace") return { ...typing, text: withoutLast(typing.text) };
  if (ctrl && name === "u") return { ...typing, text: "" };
  return { ...typing, text: typing.text + text };
}

function withoutLast(text: string): string {
  const last = [...graphemes.segment(text)].at(-1);
  return last === undefined ? "" : text.slice(0, last.index);
}
