import { stripVTControlCharacters } from "node:util";
import { widthOf } from "../terminal/fit.ts";
import { columnsOf, type Output } from "../terminal/io.ts";
import type { Frame } from "./frame.ts";
import type { Screen } from "./screen.ts";

/**
 * A screen on which nothing is ever drawn over, for terminals that cannot and for readers who follow what is added: what
 * comes while a line is typed stands on lines of its own, and the typed line is begun again below. Only letters that
 * were just typed are taken back, one by one.
 */
export class PlainScreen implements Screen {
  readonly #out: Output;
  #shown: { readonly prompt: string; readonly text: string } | null = null;

  constructor(out: Output) {
    this.#out = out;
  }

  get columns(): number {
    return columnsOf(this.#out);
  }

  /** Without colours: some readers would read them out. */
  print(text: string): void {
    const shown = this.#shown;
    const plain = stripVTControlCharacters(text);
    this.#out.write(shown === null ? `${plain}\n` : `\n${plain}\n${shown.prompt}${shown.text}`);
  }

  show({ prompt, before, after }: Frame): void {
    const old = this.#shown;
    const text = before + after;
    this.#shown = { prompt, text };
    if (old === null) this.#out.write(prompt + text);
    else if (old.prompt !== prompt) this.#out.write(`\n${prompt}${text}`);
    else if (text.startsWith(old.text)) this.#out.write(text.slice(old.text.length));
    else if (old.text.startsWith(text)) this.#out.write("\b \b".repeat(widthOf(old.text.slice(text.length))));
    else this.#out.write(`\n${prompt}${text}`);
  }

  keep(text: string): void {
    const old = this.#shown;
    this.#shown = null;
    const begun = old === null ? "" : old.prompt + old.text;
    if (text.startsWith(begun)) this.#out.write(`${text.slice(begun.length)}\n`);
    else this.#out.write(`\n${text}\n`);
  }

  leave(): void {
    if (this.#shown !== null) this.#out.write("\n");
  }

  redraw(): void {
    if (this.#shown !== null) this.#out.write(this.#shown.prompt + this.#shown.text);
  }
}
