import { createInterface } from "node:readline";
import { styleText } from "node:util";
import { confirm, input, password, search } from "@inquirer/prompts";
import { editText } from "../terminal/external-editor.ts";
import { flow } from "../terminal/fit.ts";
import type { Io } from "../terminal/io.ts";
import { LiveTerminal } from "../terminal/live-terminal.ts";
import { Interrupted, type Manner, type PromptContext, Question } from "../terminal/question.ts";
import { BaseTalk } from "./base-talk.ts";
import { EarlyEnter } from "./early-enter.ts";
import { menuPrompt } from "./menu-prompt.ts";
import type { MenuView, SearchOptions, Suggestions, Talk, TextQuestion } from "./talk.ts";
import { wait } from "./wait.ts";

/** How long a lone ESC byte may be the beginning of an arrow key. */
const ESCAPE_MS = 50;

/** How much of the window the menu leaves to what was printed before it. */
const MOST_OUTPUT = 0.5;

const theme = {
  style: {
    keysHelpTip: (keys: [key: string, action: string][]) =>
      styleText("dim", [...keys, ["esc", "back"]].map((key) => key.join(" ")).join(" • ")),
  },
};

/** Talks by prompts that draw themselves anew, above which all else is printed. */
export class LiveTalk extends BaseTalk implements Talk {
  readonly #input: Io["input"];
  readonly #terminal: LiveTerminal;
  #showsFeed = false;
  /** What was printed and asked since the last menu, in rows: the next one leaves it on the screen. */
  #fresh = 0;

  constructor(io: Io) {
    super();
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

  get showsFeed(): boolean {
    return this.#showsFeed;
  }

  protected override write(text: string): void {
    this.#terminal.print(text);
    if (!this.#showsFeed) this.#fresh += text.split("\n").length;
  }

  say(mark: string, text: string, paint: (text: string) => string = (plain) => plain): void {
    const lines = flow(text.split(" "), " ", this.columns - mark.length - 2);
    const indent = " ".repeat(mark.length);
    this.print(lines.map((line, i) => paint(`${i === 0 ? mark : indent} ${line}`)).join("\n"));
  }

  text(config: TextQuestion): Promise<string> {
    return this.#ask((context) => input(config, context), { patient: true });
  }

  secret(message: string, validate: (text: string) => true | string = () => true): Promise<string> {
    return this.#ask((context) => password({ message, mask: "*", theme, validate }, context), { patient: true });
  }

  confirm(message: string): Promise<boolean> {
    return this.#ask((context) => confirm({ message, default: false }, context), { patient: true });
  }

  async search(
    message: string,
    source: (typed: string) => Promise<Suggestions>,
    { typed = "", marked, wipe = () => false }: SearchOptions = {},
  ): Promise<string> {
    const enter = new EarlyEnter(this.#input);
    const suggest = (typed = "") => enter.suggest(typed, source);
    let chosen = "";
    const choose = (answer: string): true => {
      chosen = answer;
      return true;
    };
    const pageSize = Math.max(3, Math.min(9, this.rows - 6));
    const mark = marked === undefined ? {} : { default: marked };
    const config = { message, theme, pageSize, initialValue: typed, validate: choose, ...mark };
    const stopListening = enter.listen();
    try {
      return await this.#ask((context) => search({ ...config, source: suggest }, context), {
        wipe: () => wipe(chosen),
        patient: true,
      });
    } finally {
      stopListening();
    }
  }

  /** Leaves nothing on the screen; keeps a gap to what is above. */
  async menu(view: () => MenuView, subscribe: (changed: () => void) => () => void): Promise<string> {
    const spaced = () => {
      const { header, ...others } = view();
      return { ...others, header: this.atGap ? header : ["", ...header] };
    };
    const follow = (changed: () => void): (() => void) => {
      const stops = [subscribe(changed), this.#terminal.onResize(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    };
    let typed = "";
    const config = {
      view: spaced,
      subscribe: follow,
      columns: () => this.columns,
      rows: () => this.rows - Math.min(this.#fresh, Math.floor(this.rows * MOST_OUTPUT)),
      typing: (text: string) => {
        typed = text;
      },
    };
    this.#showsFeed = true;
    try {
      return await this.#ask((context) => menuPrompt(config, context), {
        wipe: () => true,
        escapable: () => typed === "",
      });
    } finally {
      this.#showsFeed = false;
      this.#fresh = 0;
    }
  }

  /** Meanwhile the keyboard is held. Leaves nothing on the screen. */
  async wait<T>(doing: string, task: Promise<T>): Promise<T> {
    // Whoever interrupts the wait is not interested in the task's error.
    task.catch(() => undefined);
    await this.#ask((context) => wait({ doing, task }, context), { wipe: () => true });
    return task;
  }

  async edit(_message: string, text: string): Promise<string> {
    const release = this.#terminal.hold();
    try {
      return await editText(text, process.env);
    } finally {
      release();
    }
  }

  async lend<T>(run: () => Promise<T>): Promise<T> {
    const release = this.#terminal.hold();
    this.#showsFeed = true;
    try {
      return await run();
    } finally {
      this.#showsFeed = false;
      release();
    }
  }

  async #ask<T>(prompt: (context: PromptContext) => Promise<T>, manner: Manner = {}): Promise<T> {
    this.end?.throwIfAborted();
    if (this.#input.readableEnded) throw new Interrupted();
    const question = new Question(this.#input, this.#terminal, manner);
    try {
      const answer = await question.ask(prompt, this.end);
      this.end?.throwIfAborted();
      return answer;
    } finally {
      if (question.stays) {
        this.atGap = false;
        this.#fresh++;
      }
    }
  }
}
