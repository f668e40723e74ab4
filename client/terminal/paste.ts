import { stripVTControlCharacters } from "node:util";
import { FIXED_LIMITS } from "../../protocol/limits.ts";

const END = "\x1b[201~";
const LINE_BREAK = /\r\n?|[\n\v\f\u0085\u2028\u2029]/;

/** What comes between the marks of a paste. */
export class Paste {
  #text = "";
  #tail = "";
  #isDropped = false;

  /** Cut a little behind where a value is too long. */
  get text(): string {
    return this.#text.endsWith(END) ? this.#text.slice(0, -END.length) : this.#text;
  }

  /** Whether it shall go nowhere. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  drop(): void {
    this.#isDropped = true;
  }

  /** @returns whether it is over now, also where the beginning of an escape sequence in the text has hidden its end */
  add(sequence: string, isEnd: boolean): boolean {
    if (isEnd) return true;
    if (this.#text.length <= FIXED_LIMITS.valueBytes) this.#text += sequence;
    this.#tail = (this.#tail + sequence).slice(-END.length);
    return this.#tail === END;
  }
}

/** A paste's lines, without what a terminal would obey; line breaks at the end begin no further ones. */
export function linesOf(paste: string): readonly string[] {
  const lines = paste.split(LINE_BREAK).map(harmless);
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, Math.max(1, last + 1));
}

function harmless(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll("\t", " ")
    .replace(/\p{Cc}/gu, "");
}
