import { Separator } from "@inquirer/core";
import type { Suggestion, Suggestions } from "./talk.ts";

/** So many at once, as each of them is read out. */
const PAGE = 20;
/** So few are read out before anything is typed. */
const FEW = 9;

/** What came of a typed line: the value that it means, or lines to read out before the question is asked again. */
export type Found = { readonly value: string; readonly name: string } | { readonly lines: readonly string[] };

/** A search whose matches are read out with numbers. A number always means what was last read out with it. */
export class PlainSearch {
  readonly #source: (typed: string) => Promise<Suggestions>;
  #all: readonly Suggestion[] = [];
  /** How many of them have been read out. */
  #told = 0;

  constructor(source: (typed: string) => Promise<Suggestions>) {
    this.#source = source;
  }

  /** What to read out first: few matches, or how many there are. */
  async begin(typed: string): Promise<readonly string[]> {
    const lines = await this.#look(typed);
    if (this.#all.length <= FEW || typed !== "") return [...lines, ...this.#more()];
    return [...lines, `${this.#all.length} to choose from. A question mark lists them.`];
  }

  /**
   * - a number: of those that were read out
   * - `?`: the next ones, or all there are; behind a text: those that match it
   * - a text: what is called exactly so, else those that match it; behind `=` in any case a text
   */
  async answer(typed: string): Promise<Found> {
    const numbered = /^\d+$/.test(typed) ? this.#all[Number(typed) - 1] : undefined;
    if (numbered !== undefined && Number(typed) <= this.#told) return numbered;
    if (typed === "?" && this.#told < this.#all.length) return { lines: this.#more() };
    const isText = typed.startsWith("=");
    const isQuestion = !isText && typed.endsWith("?");
    const text = isText ? typed.slice(1) : isQuestion ? typed.slice(0, -1) : typed;
    const others = await this.#look(text);
    const [exact, another] = this.#all.filter(({ value, name }) => value === text || name === text);
    if (exact !== undefined && another === undefined && !isQuestion) return exact;
    return { lines: this.#all.length + others.length === 0 ? ["Nothing matches."] : [...others, ...this.#more()] };
  }

  /** Asks for matches, and returns what is said in between them. */
  async #look(text: string): Promise<readonly string[]> {
    const found = await this.#source(text);
    this.#all = found.filter((it): it is Suggestion => !Separator.isSeparator(it));
    this.#told = 0;
    return found.filter((it) => Separator.isSeparator(it)).map(({ separator }) => separator);
  }

  /** The next page of matches. */
  #more(): readonly string[] {
    const from = this.#told;
    const page = this.#all.slice(from, from + PAGE);
    this.#told += page.length;
    const left = this.#all.length - this.#told;
    return [
      ...page.map(({ name, description }, i) => {
        return `${from + i + 1}. ${name}${description === undefined ? "" : `: ${description}`}`;
      }),
      ...(left === 0 ? [] : [`And ${left} more: type more letters, or a question mark for the next.`]),
    ];
  }
}
