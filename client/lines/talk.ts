import { styleText } from "node:util";
import { flow } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Screen } from "./screen.ts";

type Style = Parameters<typeof styleText>[0];

/** What line mode says on a terminal. Everything it is given may be of others: it is made printable here. */
export class Talk {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get columns(): number {
    return this.#screen.columns;
  }

  /** Lines that are printable already. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.#screen.print(lines.join("\n"));
  }

  answer(lines: readonly string[]): void {
    this.print(lines.map(printable));
  }

  /** Something that happened unasked. */
  announce(text: string): void {
    this.#say("*", text, "yellow");
  }

  /** What went wrong. */
  complain(text: string): void {
    this.#say("!", text, "red");
  }

  /** A remark on what line mode itself does. */
  remark(text: string): void {
    this.#say(" ", text, "dim");
  }

  #say(mark: string, text: string, style: Style): void {
    const lines = flow(printable(text).split(" "), " ", Math.max(8, this.columns - 2));
    this.print(lines.map((line, i) => styleText(style, `${i === 0 ? mark : " "} ${line}`)));
  }
}
