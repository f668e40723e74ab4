import { stripVTControlCharacters } from "node:util";
import { cut, flow } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { matching } from "./choices.ts";
import type { Choice, MenuView } from "./talk.ts";

/** What the open menu makes of a typed line. */
export type Understood =
  | { readonly kind: "choice"; readonly choice: Choice }
  /** Nothing was typed. */
  | { readonly kind: "again" }
  /** What to say instead, line by line. */
  | { readonly kind: "unclear"; readonly lines: readonly string[] };

/**
 * The menu as it is read out: its header where it is another one than the last time, its choices with numbers where they
 * are asked for. A number always means what was last read out with it, however the choices have changed since.
 */
export class PlainMenu {
  #header = "";
  #listed: readonly Choice[] = [];

  get isListed(): boolean {
    return this.#listed.length > 0;
  }

  /** The header, or nothing when it has been said. */
  header({ header }: MenuView, columns: number): readonly string[] {
    const parts = stripVTControlCharacters(header.join(" · ")).split(" · ");
    // Marks that are only for the eye are read out as "black circle".
    const text = parts.join(", ").replace(/[●◐◌○] /g, "");
    // How long the last answer took is no news.
    const told = text.replace(/, \d+ ms\b/, "");
    if (told === this.#header) return [];
    this.#header = told;
    return flow(text.split(" "), " ", columns);
  }

  /** All choices in their groups. From now on numbers mean these. */
  list({ choices }: MenuView, columns: number): readonly string[] {
    this.#listed = choices;
    return choices.flatMap((choice, i) => [
      ...(choice.group === choices[i - 1]?.group ? [] : [`${choice.group}:`]),
      ...this.#item(choice, columns),
    ]);
  }

  understand(typed: string, { choices }: MenuView, columns: number): Understood {
    const wanted = typed.trim().toLowerCase();
    if (wanted === "") return { kind: "again" };
    if (/^\d+$/.test(wanted)) return this.#numbered(Number(wanted), choices, columns);
    const found = matching(choices, wanted);
    const exact = found.filter(({ key, name }) => key === wanted || name === wanted);
    const begun = found.filter(({ name }) => name.startsWith(wanted));
    const sure = exact.length > 0 ? exact : begun;
    const [only] = sure;
    if (only !== undefined && sure.length === 1) return { kind: "choice", choice: only };
    if (found.length === 0) return unclear(`Nothing here is called ${cut(printable(wanted), 20)}.`, columns);
    const meant = found.map(({ key, name, hint }) => `${name} (${key}): ${hint}`);
    return { kind: "unclear", lines: ["Which of these?", ...meant].flatMap((line) => laidOut(line, columns)) };
  }

  #numbered(number: number, choices: readonly Choice[], columns: number): Understood {
    const listed = this.#listed[number - 1];
    if (listed === undefined) return unclear(`The numbers go from 1 to ${this.#listed.length}.`, columns);
    const choice = choices.find(({ name }) => name === listed.name);
    if (choice !== undefined) return { kind: "choice", choice };
    return unclear(`Number ${number}, ${listed.name}, is not possible any more.`, columns);
  }

  #item(choice: Choice, columns: number): readonly string[] {
    const { name, key, hint } = choice;
    return laidOut(`${this.#listed.indexOf(choice) + 1}. ${name} (${key}): ${hint}`, columns);
  }
}

function unclear(why: string, columns: number): Understood {
  return { kind: "unclear", lines: laidOut(`${why} Enter alone lists what there is.`, columns) };
}

function laidOut(text: string, columns: number): readonly string[] {
  return flow(text.split(" "), " ", columns);
}
