import { stripVTControlCharacters } from "node:util";
import { editText } from "../terminal/external-editor.ts";
import { flow } from "../terminal/fit.ts";
import type { Io, Output } from "../terminal/io.ts";
import { PlainKeyboard } from "../terminal/plain-keyboard.ts";
import { printable } from "../terminal/printable.ts";
import { Back, Interrupted } from "../terminal/question.ts";
import { BaseTalk } from "./base-talk.ts";
import { KeptLines } from "./kept-lines.ts";
import { PlainMenu } from "./plain-menu.ts";
import { PlainSearch } from "./plain-search.ts";
import type { MenuView, SearchOptions, Suggestions, Talk, TextQuestion } from "./talk.ts";

/** A wait that is shorter is not worth a word. */
const PATIENCE_MS = 1_000;

/** What to say for marks that are seen rather than heard. */
const SPOKEN: Readonly<Record<string, string>> = { "*": "News:", "!": "Problem:" };

/** Said once each, when they first matter. */
const HINTS = {
  text: "A line with only < goes back.",
  search:
    "Type a text or the number of a match. Enter alone goes back. A question mark behind a text lists what matches it; = before it means just that text.",
  menu: "Type a number, letters or a word. Enter alone tells news or, where there is none, lists the choices again.",
} as const;

/**
 * Talks by lines that only ever follow each other, for screen readers and for terminals that cannot move the cursor: no
 * colour, nothing drawn again. The terminal itself edits what is typed. While a question is open, nothing else is
 * printed: it waits until the answer is there.
 */
export class PlainTalk extends BaseTalk implements Talk {
  readonly #output: Output;
  readonly #keyboard: PlainKeyboard;
  readonly #kept = new KeptLines();
  readonly #menu = new PlainMenu();
  readonly #hinted = new Set<keyof typeof HINTS>();
  #isHeld = false;
  #isLent = false;

  constructor(io: Io) {
    super();
    this.#output = io.output;
    this.#keyboard = new PlainKeyboard(io.input);
  }

  /** The menu itself does not: it would talk over what is being typed. */
  get showsFeed(): boolean {
    return this.#isLent;
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  get rows(): number {
    return this.#output.rows ?? 24;
  }

  override print(text: string): void {
    if (this.#isHeld) this.#kept.add("news", text);
    else super.print(text);
  }

  say(mark: string, text: string): void {
    const lines = this.#laidOut(`${SPOKEN[mark] ?? mark} ${text}`.trim()).join("\n");
    if (this.#isHeld) this.#kept.add("sentence", lines);
    else super.print(lines);
  }

  override async within<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await super.within(signal, run);
    } finally {
      // What was typed early was meant for other questions than those that come now.
      if (signal.aborted) this.#keyboard.forget();
    }
  }

  async text({ message, default: preset, validate = () => true }: TextQuestion): Promise<string> {
    this.#hint("text");
    const question = preset === undefined ? message : `${message} (Enter alone: ${preset})`;
    for (;;) {
      const line = await this.#askLine(`${question}: `);
      const answer = line === "" && preset !== undefined ? preset : line;
      if (this.#accepts(validate(answer))) return answer;
    }
  }

  async secret(message: string, validate: (text: string) => true | string = () => true): Promise<string> {
    for (;;) {
      const answer = await this.#ask(`${message} (not shown while you type): `, () => {
        // However it ends, no key was echoed.
        return this.#keyboard.secret(this.end).finally(() => this.#output.write("\n"));
      });
      if (this.#accepts(validate(answer))) return answer;
    }
  }

  async confirm(message: string): Promise<boolean> {
    for (;;) {
      const answer = (await this.#askLine(`${message} Yes or no (Enter alone: no): `)).trim().toLowerCase();
      if (["y", "yes"].includes(answer)) return true;
      if (["", "n", "no"].includes(answer)) return false;
      this.say("", "Type yes or no, or just y or n.");
    }
  }

  async search(
    message: string,
    source: (typed: string) => Promise<Suggestions>,
    { typed = "" }: SearchOptions = {},
  ): Promise<string> {
    this.#hint("search");
    const search = new PlainSearch((text) => this.wait("Looking", source(text)));
    this.#tell(await search.begin(typed));
    for (;;) {
      const line = await this.#askLine(`${message}: `);
      if (line === "") throw new Back();
      const found = await search.answer(line);
      if ("value" in found) {
        if (found.name !== line) this.say("", `${message}: ${found.name}`);
        return found.value;
      }
      this.#tell(found.lines);
    }
  }

  async menu(view: () => MenuView): Promise<string> {
    this.end?.throwIfAborted();
    this.gap();
    this.#tell(this.#menu.header(view(), this.columns));
    if (!this.#menu.isListed) this.#list(view());
    for (;;) {
      let hasNews = false;
      const line = await this.#askLine("What next? ", (lines) => {
        hasNews = lines.length > 0;
        // What follows belongs to the choice.
        this.atGap = true;
      });
      const understood = this.#menu.understand(line, view(), this.columns);
      if (understood.kind === "choice") return understood.choice.name;
      if (understood.kind === "unclear") this.#tell(understood.lines);
      else if (!hasNews) this.#list(view());
    }
  }

  async wait<T>(doing: string, task: Promise<T>): Promise<T> {
    // Whoever ends the wait is not interested in the task's error.
    task.catch(() => undefined);
    this.end?.throwIfAborted();
    const over = new AbortController();
    const end = this.end === null ? over.signal : AbortSignal.any([this.end, over.signal]);
    const timer = setTimeout(() => this.say("", `${doing}… < and Enter goes back meanwhile.`), PATIENCE_MS);
    const back = this.#keyboard.back(end).then(() => {
      throw new Back();
    });
    try {
      return await Promise.race([task, back]);
    } catch (error) {
      if (error instanceof Interrupted) this.#output.write("\n");
      throw error;
    } finally {
      clearTimeout(timer);
      over.abort();
      await back.catch(() => undefined);
    }
  }

  async edit(message: string, text: string): Promise<string> {
    this.end?.throwIfAborted();
    this.say("", `${message}.`);
    return this.#away(() => editText(text, process.env));
  }

  async lend<T>(run: () => Promise<T>): Promise<T> {
    this.#isLent = true;
    try {
      return await this.#away(run);
    } finally {
      this.#isLent = false;
    }
  }

  async #away<T>(run: () => Promise<T>): Promise<T> {
    this.#isHeld = true;
    try {
      return await run();
    } finally {
      this.atGap = false;
      this.#release();
    }
  }

  /** Without the colours that a caller may have given it. */
  protected override write(text: string): void {
    this.#output.write(`${stripVTControlCharacters(text)}\n`);
  }

  /** @param heard told of the lines that were kept meanwhile, before they are printed */
  #askLine(question: string, heard?: (lines: readonly string[]) => void): Promise<string> {
    const read = () =>
      this.#keyboard.line(this.end).catch((error: unknown) => {
        // All else than a line that goes back ends within one.
        if (!(error instanceof Back)) this.#output.write("\n");
        throw error;
      });
    return this.#ask(question, read, heard);
  }

  async #ask(
    question: string,
    read: () => Promise<string>,
    heard: (lines: readonly string[]) => void = () => undefined,
  ): Promise<string> {
    this.end?.throwIfAborted();
    const lines = this.#laidOut(printable(question).trimEnd());
    this.#output.write(`${lines.join("\n")} `);
    this.#isHeld = true;
    try {
      return await read();
    } finally {
      this.atGap = false;
      this.#release(heard);
    }
  }

  #release(heard: (lines: readonly string[]) => void = () => undefined): void {
    this.#isHeld = false;
    const lines = this.#kept.take();
    heard(lines);
    for (const line of lines) super.print(line);
  }

  #list(view: MenuView): void {
    this.#tell(this.#menu.list(view, this.columns));
    this.#hint("menu");
  }

  #accepts(judgement: true | string): boolean {
    if (judgement !== true) this.say("!", printable(judgement));
    return judgement === true;
  }

  #hint(about: keyof typeof HINTS): void {
    if (!this.#hinted.has(about)) this.say("", HINTS[about]);
    this.#hinted.add(about);
  }

  #tell(lines: readonly string[]): void {
    for (const line of lines) for (const part of this.#laidOut(stripVTControlCharacters(line))) super.print(part);
  }

  #laidOut(text: string): readonly string[] {
    return flow(text.split(" "), " ", this.columns);
  }
}
