import { setImmediate as nextTurn } from "node:timers/promises";
import { Separator } from "@inquirer/core";
import type { Suggestions } from "./talk.ts";

/**
 * The suggestions for what has been typed last. An Enter that comes before them, as in a pasted line, is to be given
 * only if what was typed is the first of them: nobody takes what he has not seen.
 */
export class LookingUp {
  #isFirst: Promise<boolean> | null = null;

  /** Null when the suggestions are there; else whether Enter, once they are shown, takes just what was typed. */
  get isFirst(): Promise<boolean> | null {
    return this.#isFirst;
  }

  suggest(typed: string, source: (typed: string) => Promise<Suggestions>): Promise<Suggestions> {
    const finding = source(typed);
    const over = (answer: boolean): Promise<boolean> => {
      if (this.#isFirst === isFirst) this.#isFirst = null;
      // The prompt has to show them first.
      return nextTurn(answer);
    };
    const isFirst = finding.then(
      (found) => over(firstValue(found) === typed),
      () => over(false),
    );
    this.#isFirst = isFirst;
    return finding;
  }
}

function firstValue(found: Suggestions): string | undefined {
  const first = found.find((it) => !Separator.isSeparator(it));
  return first !== undefined && "value" in first ? first.value : undefined;
}
