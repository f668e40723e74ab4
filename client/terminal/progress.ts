import { cut, pad, widthOf } from "./fit.ts";
import type { Output } from "./io.ts";
import { lastWords } from "./last-words.ts";

/** What is done by then needs no word. */
const PATIENCE_MS = 1_000;
const PERIOD_MS = 100;
const WIDTH = 80;

/** A line that tells how far long work is, drawn over in place with nothing but returns, so that any terminal can. */
export class Progress {
  readonly #output: (Output & { readonly isTTY?: boolean }) | null;
  readonly #now: () => number;
  readonly #stop: () => void;
  #dueAt: number;
  #width = 0;

  /** @param output drawn on where it is a terminal; null draws nothing */
  constructor(output: (Output & { readonly isTTY?: boolean }) | null, now = () => performance.now()) {
    this.#output = output?.isTTY === true ? output : null;
    this.#now = now;
    this.#dueAt = now() + PATIENCE_MS;
    // Whoever interrupts it should not find his prompt behind the line.
    this.#stop = lastWords(() => this.wipe());
  }

  tell(text: string): void {
    const now = this.#now();
    if (this.#output === null || now < this.#dueAt) return;
    this.#dueAt = now + PERIOD_MS;
    // The last column is left free: a line that fills it is wrapped by some terminals.
    const shown = cut(text, Math.max(1, (this.#output.columns ?? WIDTH) - 1));
    this.#output.write(`\r${pad(shown, this.#width)}`);
    this.#width = widthOf(shown);
  }

  /** Takes the line away; the next word draws it anew. */
  wipe(): void {
    if (this.#width > 0) this.#output?.write(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }

  end(): void {
    this.#stop();
    this.wipe();
  }
}
