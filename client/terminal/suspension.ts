import type { Key } from "node:readline";
import type { Readable } from "node:stream";
import type { LiveTerminal } from "./live-terminal.ts";

/**
 * Ctrl-Z and the way back, while a question is open. The line editor's own way stops this process alone, which
 * leaves npm in front of the terminal, and afterwards it waits for a resume that prompts never ask for.
 */
export class Suspension {
  readonly #input: Readable;
  readonly #terminal: Pick<LiveTerminal, "leave" | "redraw">;
  #isAway = false;

  constructor(input: Readable, terminal: Pick<LiveTerminal, "leave" | "redraw">) {
    this.#input = input;
    this.#terminal = terminal;
  }

  /** To be called before the prompt listens. The returned function stops it. */
  listen(): () => void {
    const onKey = (_: unknown, key: Key) => {
      if (process.platform === "win32" || !key.ctrl || key.name !== "z") return;
      // The line editor, which comes next, shall not know the key.
      delete key.name;
      this.#leave();
    };
    const onContinue = () => this.#comeBack();
    this.#input.on("keypress", onKey);
    process.on("SIGCONT", onContinue);
    return () => {
      this.#isAway = false;
      this.#input.off("keypress", onKey);
      process.off("SIGCONT", onContinue);
    };
  }

  #leave(): void {
    this.#isAway = true;
    this.#terminal.leave();
    setRaw(this.#input, false);
    // The whole job, as the terminal itself would.
    process.kill(0, "SIGTSTP");
    // Where no shell could continue it, the system has not stopped it, and no SIGCONT comes. One that does come is
    // heard between the two.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#isAway) this.#comeBack();
      }),
    );
  }

  #comeBack(): void {
    this.#isAway = false;
    // Node takes the terminal to be raw still, and would do nothing.
    setRaw(this.#input, false);
    setRaw(this.#input, true);
    this.#terminal.redraw();
  }
}

/** Has a terminal give each key at once, or lines; what is no terminal stays as it is. */
export function setRaw(input: Readable, raw: boolean): void {
  if ("setRawMode" in input && typeof input.setRawMode === "function") input.setRawMode(raw);
}
