import type { Store } from "../sdk/index.ts";
import type { Leaving } from "./execute.ts";
import { type Command, CommandReader } from "./grammar.ts";
import { splitWords } from "./words.ts";

export interface Runner {
  run(command: Command): Promise<Leaving | undefined>;
  /** Tells what is wrong with words that make no command. */
  mistaken(sentence: string): void;
}

/** Runs the commands of a line in order, up to one that leaves; a bad one does not hide the others. */
export async function runLine(line: string, store: Store, runner: Runner): Promise<Leaving | undefined> {
  const { words, open } = splitWords(line);
  if (open !== null) {
    const other = open === '"' ? "'" : '"';
    runner.mistaken(`A ${open} is not closed: add the other one, or put that word in ${other}.`);
    return undefined;
  }
  const commands = new CommandReader(words);
  for (;;) {
    // Anew for each: the one before may have made a manager.
    const next = commands.take(store.session.role);
    if (next === undefined) return undefined;
    const left = next.kind === "mistake" ? runner.mistaken(next.sentence) : await runner.run(next);
    if (left !== undefined) return left;
  }
}
