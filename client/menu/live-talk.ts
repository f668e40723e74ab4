import { styleText } from "node:util";
import { confirm, input, password, search } from "@inquirer/prompts";
import { editText } from "../terminal/external-editor.ts";
import { flow } from "../terminal/fit.ts";
import type { Io } from "../terminal/io.ts";
import { KeyGate, type Typing } from "../terminal/key-gate.ts";
import { LiveTerminal } from "../terminal/live-terminal.ts";
import { Interrupted, type Manner, type PromptContext, Question } from "../terminal/question.ts";
import { BaseTalk } from "./base-talk.ts";
import { longText } from "./long-text.ts";
import { LookingUp } from "./looking-up.ts";
import { menuPrompt } from "./menu-prompt.ts";
import { type Pasted, pasted, pastedSecret } from "./pasted.ts";
import type { MenuView, SearchOptions, Suggestions, Talk, TextQuestion } from "./talk.ts";
import { wait } from "./wait.ts";

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
  readonly #keys: KeyGate;
  readonly #terminal: LiveTerminal;
  #showsFeed = false;
  /** What was printed and asked since the last menu, in rows: the next one leaves it on the screen. */
  #fresh = 0;

  constructor(io: Io) {
    super();
    this.#keys = new KeyGate(io);
    this.#terminal = new LiveTerminal(io.output);
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

  text({ mostBytes, several, ...config }: TextQuestion): Promise<string> {
    const paste = this.#saying((text) => pasted(text, mostBytes, several));
    const transformer = (answer: string, { isFinal }: { readonly isFinal: boolean }) => {
      const shown = longText(answer, this.columns, this.rows);
      return isFinal ? styleText("cyan", shown) : shown;
    };
    return this.#ask((context) => input({ ...config, transformer }, context), { patient: true }, { paste });
  }

  secret(message: string, validate: (text: string) => true | string = () => true): Promise<string> {
    const paste = this.#saying(pastedSecret);
    const config = { message, mask: "*", theme, validate };
    return this.#ask((context) => password(config, context), { patient: true }, { paste });
  }

  confirm(message: string): Promise<boolean> {
    return this.#ask((context) => confirm({ message, default: false }, context), { patient: true });
  }

  async search(
    message: string,
    source: (typed: string) => Promise<Suggestions>,
    { typed = "", marked, wipe = () => false }: SearchOptions = {},
  ): Promise<string> {
    const looking = new LookingUp();
    let chosen = "";
    const choose = (answer: string): true => {
      chosen = answer;
      return true;
    };
    const pageSize = Math.max(3, Math.min(9, this.rows - 6));
    const suggest = (typed = "") => looking.suggest(typed, source);
    const mark = marked === undefined ? {} : { default: marked };
    const config = { message, theme, pageSize, initialValue: typed, validate: choose, source: suggest, ...mark };
    return this.#ask(
      (context) => search(config, context),
      { wipe: () => wipe(chosen), patient: true },
      { beforeEnter: () => looking.isFirst },
    );
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
    await this.#ask((context) => wait({ doing, task }, context), { wipe: () => true }, { onlyUrgent: true });
    try {
      return await task;
    } catch (error) {
      this.#keys.forget();
      throw error;
    }
  }

  async edit(_message: string, text: string): Promise<string> {
    this.#keys.forget();
    const release = this.#terminal.hold();
    try {
      return await editText(text, process.env);
    } finally {
      release();
    }
  }

  async lend<T>(run: () => Promise<T>): Promise<T> {
    this.#keys.forget();
    const release = this.#terminal.hold();
    this.#showsFeed = true;
    try {
      return await run();
    } finally {
      this.#showsFeed = false;
      release();
    }
  }

  async #ask<T>(
    prompt: (context: PromptContext) => Promise<T>,
    manner: Manner = {},
    typing: Partial<Typing> = {},
  ): Promise<T> {
    this.end?.throwIfAborted();
    if (this.#keys.readableEnded) throw new Interrupted();
    const question = new Question(this.#keys, this.#terminal, manner);
    const answer = question.ask(prompt, this.end);
    const close = this.#keys.open({ paste: this.#saying(pasted), ...typing });
    try {
      const answered = await answer;
      this.end?.throwIfAborted();
      return answered;
    } catch (error) {
      this.#keys.forget();
      throw error;
    } finally {
      close();
      if (question.stays) {
        this.atGap = false;
        this.#fresh++;
      }
    }
  }

  #saying(take: (paste: string) => Pasted): (paste: string) => string {
    return (paste) => {
      const { text, sentence } = take(paste);
      if (sentence !== undefined) this.say("!", sentence);
      return text;
    };
  }
}
