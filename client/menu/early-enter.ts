import type { Key } from "node:readline";
import type { Readable } from "node:stream";
import { Separator } from "@inquirer/core";

/**
 * An Enter that comes before the suggestions, as in a pasted line, which the prompt would drop. It is pressed again
 * as soon as they are there, if what was typed is the first of them: nobody takes what he has not seen.
 */
export class EarlyEnter {
  readonly #input: Readable;
  #typed = "";
  #isLoading = false;
  #isPressed = false;

  constructor(input: Readable) {
    this.#input = input;
  }

  /** To be called before the prompt listens. The returned function stops it. */
  listen(): () => void {
    const onKey = (_: unknown, { name }: Key) => {
      this.#isPressed = this.#isLoading && (name === "return" || name === "enter");
    };
    this.#input.on("keypress", onKey);
    return () => {
      this.#isPressed = false;
      this.#input.off("keypress", onKey);
    };
  }

  async suggest<T extends Separator | { readonly value: string }>(
    typed: string,
    source: (typed: string) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    this.#typed = typed;
    this.#isLoading = true;
    const found = await source(typed);
    if (this.#typed !== typed) return found;
    this.#isLoading = false;
    const first = found.find((it) => !Separator.isSeparator(it));
    if (first !== undefined && "value" in first && first.value === typed) setImmediate(() => this.#pressAgain());
    return found;
  }

  #pressAgain(): void {
    if (this.#isPressed) this.#input.emit("keypress", "\r", { name: "return", sequence: "\r" });
  }
}
