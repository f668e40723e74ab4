import type { Key } from "node:readline";
import type { Readable } from "node:stream";
import { AbortPromptError, ExitPromptError } from "@inquirer/core";
import type { input } from "@inquirer/prompts";
import { lastWords } from "./last-words.ts";
import type { LiveTerminal } from "./live-terminal.ts";
import { Suspension, setRaw } from "./suspension.ts";

/** The user pressed Ctrl-C, or Ctrl-D where nothing is typed, or the terminal is gone. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
/** The user pressed Esc: one level up. */
export class Back extends Error {}

/** For whoever takes Esc for a no. */
export function falseAtBack(error: unknown): false {
  if (error instanceof Back) return false;
  throw error;
}

/** What an inquirer prompt is given beside its question. */
export type PromptContext = NonNullable<Parameters<typeof input>[1]>;

export interface Manner {
  /** Whether the question leaves the screen, asked when it is answered. @default never */
  readonly wipe?: () => boolean;
  /** Whether Esc goes back, asked when it is pressed. @default always */
  readonly escapable?: () => boolean;
  /** Whether whoever has pressed a key may answer to the end, though nobody will take the answer. @default false */
  readonly patient?: boolean;
}

/** One prompt on a terminal, and what can end it from outside. */
export class Question {
  readonly #input: Readable;
  readonly #output: LiveTerminal;
  readonly #suspension: Suspension;
  readonly #abort = new AbortController();
  readonly #context: PromptContext;
  readonly #escapable: () => boolean;
  readonly #patient: boolean;
  #isTouched = false;
  #wipe: () => boolean;

  constructor(
    input: Readable,
    output: LiveTerminal,
    { wipe = () => false, escapable = () => true, patient = false }: Manner,
  ) {
    this.#input = input;
    this.#output = output;
    this.#suspension = new Suspension(input, output);
    this.#escapable = escapable;
    this.#patient = patient;
    this.#wipe = wipe;
    const wiped = () => this.#wipe();
    this.#context = {
      input,
      output,
      signal: this.#abort.signal,
      // The prompt reads it when it ends.
      get clearPromptOnDone() {
        return wiped();
      },
    };
  }

  /** Whether something of it stays on the screen. */
  get stays(): boolean {
    return !this.#wipe();
  }

  /**
   * @param end its abort ends the question, too
   * @throws Interrupted, Back, or the reason of `end`
   */
  async ask<T>(prompt: (context: PromptContext) => Promise<T>, end: AbortSignal | null): Promise<T> {
    const stopListening = this.#listen(end);
    try {
      return await prompt(this.#context);
    } catch (error) {
      throw reasonOf(error);
    } finally {
      stopListening();
    }
  }

  #listen(end: AbortSignal | null): () => void {
    // What is typed on would be taken for the answer to whatever is asked next.
    const onAbort = () => {
      if (!this.#patient || !this.#isTouched) this.#stop(end?.reason);
    };
    const onEnd = () => this.#stop(new Interrupted());
    const onKey = (_: unknown, key: Key) => {
      this.#isTouched = true;
      if (key.name === "escape" && this.#escapable()) this.#stop(new Back());
      if (key.ctrl && key.name === "d") process.nextTick(onCtrlD);
    };
    // Where nothing is typed, the line editor has closed, and without a word to the prompt.
    const onCtrlD = () => {
      if (isListening && this.#input.isPaused()) onEnd();
    };
    let isListening = true;
    const stopSuspension = this.#suspension.listen();
    // A process that is killed gives the terminal back as it was.
    const stopLastWords = lastWords((signal) => {
      // Else the terminal may be gone, and to touch it then has been seen to crash Node.
      if (signal !== "SIGTERM") return;
      this.#output.leave();
      setRaw(this.#input, false);
    });
    end?.addEventListener("abort", onAbort);
    this.#input.on("end", onEnd).on("keypress", onKey);
    return () => {
      isListening = false;
      stopSuspension();
      stopLastWords();
      end?.removeEventListener("abort", onAbort);
      this.#input.off("end", onEnd).off("keypress", onKey);
    };
  }

  #stop(reason: unknown): void {
    this.#wipe = () => true;
    this.#abort.abort(reason);
  }
}

function reasonOf(error: unknown): unknown {
  if (error instanceof ExitPromptError) return new Interrupted();
  return error instanceof AbortPromptError ? error.cause : error;
}
