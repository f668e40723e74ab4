import { type Typed, typed } from "./editor.ts";

/** The way through lines typed earlier, by the arrow keys. Where something is typed already, only lines that begin so. */
export class Recall {
  readonly #lines: () => readonly string[];
  /** Index of the line that is shown, or null while none is. */
  #at: number | null = null;
  #draft = "";

  /** @param lines the oldest first */
  constructor(lines: () => readonly string[]) {
    this.#lines = lines;
  }

  older(line: Typed): Typed {
    if (this.#at === null) this.#draft = line.text;
    return this.#go(line, -1) ?? line;
  }

  newer(line: Typed): Typed {
    if (this.#at === null) return line;
    const found = this.#go(line, 1);
    if (found !== undefined) return found;
    this.#at = null;
    return typed(this.#draft);
  }

  reset(): void {
    this.#at = null;
  }

  #go({ text }: Typed, step: 1 | -1): Typed | undefined {
    const lines = this.#lines();
    for (let at = (this.#at ?? lines.length) + step; at in lines; at += step) {
      const line = lines[at] ?? "";
      if (line === text || !line.startsWith(this.#draft)) continue;
      this.#at = at;
      return typed(line);
    }
    return undefined;
  }
}
