import { styleText } from "node:util";
import { cursorHide } from "@inquirer/ansi";
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isUpKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from "@inquirer/core";
import { cut, pad, widthOf } from "../terminal/fit.ts";

export interface Choice {
  readonly name: string;
  /** What it does, in a few words. */
  readonly hint: string;
}

/** What the menu shows at this moment. */
export interface MenuView {
  readonly header: string;
  readonly choices: readonly Choice[];
}

interface LiveMenuConfig {
  readonly view: () => MenuView;
  /** Calls back whenever `view` would answer anew; returns what stops that. */
  readonly subscribe: (changed: () => void) => () => void;
  readonly columns: () => number;
  readonly rows: () => number;
}

/** Lines of the prompt beside its header and choices. */
const OTHER_LINES = 3;

/**
 * A choice of one, whose header and choices follow a store. The mark stays on its choice while others come and go.
 * Answers with the name of the chosen.
 */
export const liveMenu = createPrompt<string, LiveMenuConfig>((config, done) => {
  const theme = makeTheme();
  const prefix = usePrefix({ theme });
  const [{ header, choices }, setView] = useState(config.view);
  const [marked, setMarked] = useState(choices[0]?.name);
  const found = choices.findIndex(({ name }) => name === marked);
  const active = Math.max(0, found);
  useEffect(() => config.subscribe(() => setView(config.view())), []);
  useKeypress((key, line) => {
    const typed = line.line;
    line.clearLine(0);
    if (isEnterKey(key)) {
      const chosen = choices[active];
      if (chosen !== undefined) done(chosen.name);
    } else if (isUpKey(key)) setMarked(choices.at(active - 1)?.name);
    else if (isDownKey(key)) setMarked(choices[(active + 1) % choices.length]?.name);
    else if (typed !== "") setMarked(nextBeginningWith(typed, choices, active) ?? marked);
  });
  const names = Math.max(...choices.map(({ name }) => widthOf(name)));
  const page = usePagination({
    items: choices,
    active,
    pageSize: Math.max(3, config.rows() - header.split("\n").length - OTHER_LINES),
    loop: false,
    renderItem: ({ item, isActive }) => {
      const name = pad(item.name, names);
      const hint = styleText("dim", cut(item.hint, config.columns() - names - 5));
      return `${isActive ? theme.style.highlight(`❯ ${name}`) : `  ${name}`}  ${hint}`;
    },
  });
  const help = styleText("dim", cut("↑↓ or a letter moves • ⏎ chooses", config.columns() - 1));
  return `${header}\n${prefix} ${theme.style.message("What next?", "idle")}\n${page}\n${help}${cursorHide}`;
});

/** The next choice after the marked one that begins with the typed letter, round to the marked one itself. */
function nextBeginningWith(typed: string, choices: readonly Choice[], active: number): string | undefined {
  const round = [...choices.slice(active + 1), ...choices.slice(0, active + 1)];
  return round.find(({ name }) => name.startsWith(typed.toLowerCase()))?.name;
}
