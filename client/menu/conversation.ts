import { createInterface } from "node:readline";
import { styleText } from "node:util";
import type { Separator } from "@inquirer/core";
import { confirm, input, password, search } from "@inquirer/prompts";
import { flow } from "../terminal/fit.ts";
import type { Io } from "../terminal/io.ts";
import { LiveTerminal } from "../terminal/live-terminal.ts";
import { Interrupted, type Manner, type PromptContext, Question } from "../terminal/question.ts";
import { EarlyEnter } from "./early-enter.ts";
import { liveMenu, type MenuView } from "./live-menu.ts";
import { wait } from "./wait.ts";

export interface Suggestion {
  readonly value: string;
  /** What Tab puts in place of what was typed. */
  readonly name: string;
  readonly description?: string;
}
export type Suggestions = readonly (Suggestion | Separator)[];

/** How long a lone ESC byte may be the beginning of an arrow key. */
const ESCAPE_MS = 50;

const theme = {
  style: {
    keysHelpTip: (keys: [key: string, action: string][]) =>
      styleText("dim", [...keys, ["esc", "back"]].map((key) => key.join(" ")).join(" • ")),
  },
};

/**
 * All that is said and asked on one terminal. Every question throws `Interrupted` on Ctrl-C, `Back` on Esc,
 * and the reason of the signal given to `within` once that is aborted.
 */
export class Conversation {
  readonly #input: Io["input"];
  readonly #terminal: LiveTerminal;
  #end: AbortSignal | null = null;
  #atGap = true;

  constructor(io: Io) {
    this.#input = io.input;
    this.#terminal = new LiveTerminal(io.output);
    // The first interface on an input decides how long ESC is waited on; the default of 500 ms feels broken.
    createInterface({ input: io.input, terminal: true, escapeCodeTimeout: ESCAPE_MS }).close();
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Writes lines as they are, above an open question. */
  print(text: string): void {
    this.#terminal.print(text);
    this.#atGap = text === "";
  }

  /** Writes sentences behind a mark, broken between words. */
  say(mark: string, text: string, paint: (text: string) => string = (plain) => plain): void {
    const lines = flow(text.split(" "), " ", this.columns - mark.length - 2);
    const indent = " ".repeat(mark.length);
    this.print(lines.map((line, i) => paint(`${i === 0 ? mark : indent} ${line}`)).join("\n"));
  }

  /** An empty line, unless there is one. */
  gap(): void {
    if (!this.#atGap) this.print("");
  }

  /** Until `run` is done, an abort of `signal` ends the open question and refuses further ones. */
  async within<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    this.#end = signal;
    try {
      return await run();
    } finally {
      this.#end = null;
    }
  }

  text(config: { message: string; default?: string; validate?: (text: string) => true | string }): Promise<string> {
    return this.#ask((context) => input(config, context));
  }

  secret(message: string, validate: (text: string) => true | string = () => true): Promise<string> {
    return this.#ask((context) => password({ message, mask: "*", theme, validate }, context));
  }

  /** A question whose answer is no unless said otherwise. */
  confirm(message: string): Promise<boolean> {
    return this.#ask((context) => confirm({ message, default: false }, context));
  }

  /** A question with suggestions for what has been typed so far. */
  async search(message: string, source: (typed: string) => Promise<Suggestions>): Promise<string> {
    const enter = new EarlyEnter(this.#input);
    const suggest = (typed = "") => enter.suggest(typed, source);
    const pageSize = Math.max(3, Math.min(9, this.rows - 6));
    const stopListening = enter.listen();
    try {
      return await this.#ask((context) => search({ message, pageSize, theme, source: suggest }, context));
    } finally {
      stopListening();
    }
  }

  /** The name of the choice made. Leaves nothing on the screen; keeps a gap to what is above. */
  menu(view: () => MenuView, subscribe: (changed: () => void) => () => void): Promise<string> {
    const spaced = () => {
      const { header, choices } = view();
      return { header: this.#atGap ? header : `\n${header}`, choices };
    };
    const follow = (changed: () => void): (() => void) => {
      const stops = [subscribe(changed), this.#terminal.onResize(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    };
    const config = { view: spaced, subscribe: follow, columns: () => this.columns, rows: () => this.rows };
    return this.#ask((context) => liveMenu(config, context), { wipe: true });
  }

  /** What the task brings; meanwhile the keyboard is held. Leaves nothing on the screen. */
  async wait<T>(doing: string, task: Promise<T>): Promise<T> {
    // Whoever interrupts the wait is not interested in the task's error.
    task.catch(() => undefined);
    await this.#ask((context) => wait({ doing, task }, context), { wipe: true, escapable: false });
    return task;
  }

  async #ask<T>(prompt: (context: PromptContext) => Promise<T>, manner: Manner = {}): Promise<T> {
    this.#end?.throwIfAborted();
    if (this.#input.readableEnded) throw new Interrupted();
    const question = new Question(this.#input, this.#terminal, manner);
    try {
      return await question.ask(prompt, this.#end);
    } finally {
      if (question.stays) this.#atGap = false;
    }
  }
}
