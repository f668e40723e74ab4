import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { counted } from "../terminal/counted.ts";
import { linesOf } from "../terminal/paste.ts";

/** As much as any name, key, password, address or path. */
const MOST_BYTES = 1_024;

export interface Pasted {
  /** On one line; empty where the paste is refused. */
  readonly text: string;
  /** What to say of it, unless it was taken as it is. */
  readonly sentence?: string;
}

/** What a question takes of a paste, which has one line as a rule. */
export function pasted(paste: string, mostBytes = MOST_BYTES, several = ""): Pasted {
  const lines = linesOf(paste);
  const text = lines.join(" ");
  if (Buffer.byteLength(text) > mostBytes) return { text: "", sentence: tooLong(mostBytes) };
  if (lines.length === 1) return { text };
  return { text, sentence: `The ${counted(lines.length, "pasted line")} were joined by spaces. ${several}`.trimEnd() };
}

/** A secret is not joined: nobody would see it. */
export function pastedSecret(paste: string): Pasted {
  const [text = "", ...others] = linesOf(paste);
  if (Buffer.byteLength(text) > MOST_BYTES) return { text: "", sentence: tooLong(MOST_BYTES) };
  return others.length === 0 ? { text } : { text, sentence: "Only the first of the pasted lines was taken." };
}

function tooLong(mostBytes: number): string {
  return mostBytes === FIXED_LIMITS.valueBytes
    ? "The pasted text was left out: it is longer than 1 MiB, the most a value may have. Put the part you need into a file, and choose load."
    : "The pasted text was left out: it is too long for an answer here.";
}
