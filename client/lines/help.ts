import { flow, pad, widthOf } from "../terminal/fit.ts";
import { COMMANDS, type CommandName, usageOf } from "./grammar.ts";

interface Row {
  readonly words: string;
  readonly does: string;
}

/** The commands and what they do, in lines no wider than `columns`. */
export function helpLines(columns: number): string[] {
  const names = Object.keys(COMMANDS) as CommandName[];
  const rows = names.flatMap((name): Row[] => {
    const spec = COMMANDS[name];
    const row = { words: usageOf(name, spec.takes), does: spec.does };
    return "longer" in spec ? [row, { words: usageOf(name, spec.longer), does: describe(spec) }] : [row];
  });
  const first = Math.max(...rows.map(({ words }) => widthOf(words))) + 2;
  const isNarrow = columns < first + 24;
  const table = rows.flatMap(({ words, does }) => (isNarrow ? [words, `  ${does}`] : [pad(words, first) + does]));
  const notes = [
    "Several commands may stand in one line. Quotes keep spaces in a key or a value.",
    "Tab completes, arrow keys bring back earlier lines.",
  ];
  return [...table, ...notes.flatMap((note) => flow(note.split(" "), " ", columns))];
}

function describe(spec: { readonly longerDoes: string; readonly longerForManagers?: boolean }): string {
  return spec.longerForManagers === true ? `${spec.longerDoes} (managers)` : spec.longerDoes;
}
