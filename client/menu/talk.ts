/** What the menu says and asks, however it is shown. */
import type { Separator } from "@inquirer/core";

export interface Suggestion {
  readonly value: string;
  /** What is shown, and what Tab puts in place of what was typed. */
  readonly name: string;
  readonly description?: string;
}
export type Suggestions = readonly (Suggestion | Separator)[];

/** One entry of the menu. */
export interface Choice {
  readonly name: string;
  /** Typed alone, it means this choice and no other. */
  readonly key: string;
  /** What it stands with; those of a group come in a row. */
  readonly group: string;
  /** What it does, in a few words. */
  readonly hint: string;
}

/** What the menu shows at this moment. */
export interface MenuView {
  /** Lines that fit the width. */
  readonly header: readonly string[];
  /** Lines with the last news, the newest last; as many as a high window has room for. */
  readonly feed: readonly string[];
  readonly choices: readonly Choice[];
}

/**
 * All that is said and asked on one terminal. Every question throws `Interrupted` on Ctrl-C, `Back` when the user wants
 * to go one level up, and the reason of the signal given to `within` once that is aborted.
 */
export interface Talk {
  readonly columns: number;
  readonly rows: number;
  /** Whether what is open now, the menu or a program the terminal is lent to, shows news by itself. */
  readonly showsFeed: boolean;
  /** Writes lines as they are, without disturbing what is being typed. */
  print(text: string): void;
  /** Writes sentences behind a mark, broken between words. */
  say(mark: string, text: string, paint?: (text: string) => string): void;
  /** An empty line, unless there is one. */
  gap(): void;
  /** Until `run` is done, an abort of `signal` ends the open question and refuses further ones. */
  within<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T>;
  text(config: TextQuestion): Promise<string>;
  secret(message: string, validate?: (text: string) => true | string): Promise<string>;
  /** A question whose answer is no unless said otherwise. */
  confirm(message: string): Promise<boolean>;
  /** A question with suggestions for what has been typed so far. */
  search(message: string, source: (typed: string) => Promise<Suggestions>, options?: SearchOptions): Promise<string>;
  /** The name of the choice made. `subscribe` calls back whenever `view` would answer anew. */
  menu(view: () => MenuView, subscribe: (changed: () => void) => () => void): Promise<string>;
  /** What the task brings. Esc ends the wait and not the task. */
  wait<T>(doing: string, task: Promise<T>): Promise<T>;
  /** The text as the user has changed it in the editor of his choice. */
  edit(message: string, text: string): Promise<string>;
  /** Gives the terminal to a program of another kind; what is printed meanwhile comes afterwards. */
  lend<T>(run: () => Promise<T>): Promise<T>;
}

export interface SearchOptions {
  /** What it begins with. @default nothing */
  readonly typed?: string;
  /** The value on which the mark stands at first. @default the first */
  readonly marked?: string;
  /** Whether the question leaves the screen with this answer. @default never */
  readonly wipe?: (answer: string) => boolean;
}

export interface TextQuestion {
  readonly message: string;
  readonly default?: string;
  readonly validate?: (text: string) => true | string;
  /** UTF-8 bytes that a paste may have. @default 1,024 */
  readonly mostBytes?: number;
  /** What to say where a paste of several lines becomes one, beside that: a sentence. */
  readonly several?: string;
}
