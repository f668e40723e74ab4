import { styleText } from "node:util";
import { cursorHide, cursorShow } from "@inquirer/ansi";
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isTabKey,
  isUpKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from "@inquirer/core";
import { cut, pad, widthOf } from "../terminal/fit.ts";
import { matching } from "./choices.ts";
import type { Choice, MenuView } from "./talk.ts";

interface MenuPromptConfig {
  readonly view: () => MenuView;
  /** Calls back whenever `view` would answer anew; returns what stops that. */
  readonly subscribe: (changed: () => void) => () => void;
  readonly columns: () => number;
  /** Rows it may fill. */
  readonly rows: () => number;
  /** Told what stands behind the question, so that Esc can first clear it. */
  readonly typing: (typed: string) => void;
}

/** Lines of the prompt beside its header, feed and choices. */
const OTHER_LINES = 3;
const LEAST_CHOICES = 5;
const LEAST_NEWS = 3;

/**
 * A choice of one, whose header, news and choices follow a store; typed letters find it. The mark stays on its choice
 * while others come and go. Answers with the name of the chosen.
 */
export const menuPrompt = createPrompt<string, MenuPromptConfig>((config, done) => {
  const theme = makeTheme();
  const prefix = usePrefix({ theme });
  const [{ header, feed, choices }, setView] = useState(config.view);
  const [marked, setMarked] = useState(choices[0]?.name);
  const [typed, setTyped] = useState("");
  const found = matching(choices, typed);
  const active = Math.max(
    0,
    found.findIndex(({ name }) => name === marked),
  );
  useEffect(() => config.subscribe(() => setView(config.view())), []);
  const type = (text: string): void => {
    setTyped(text);
    config.typing(text);
    setMarked(matching(choices, text)[0]?.name ?? marked);
  };
  useKeypress((key, line) => {
    const write = (text: string): void => {
      line.clearLine(0);
      line.write(text);
    };
    if (isEnterKey(key)) {
      const chosen = found[active];
      if (chosen === undefined) write(typed);
      else done(chosen.name);
    } else if (isUpKey(key) || isDownKey(key)) {
      write(typed);
      setMarked(found.at((active + (isUpKey(key) ? -1 : 1)) % found.length)?.name ?? marked);
    } else if (isTabKey(key)) {
      const completed = found[active]?.name ?? typed;
      write(completed);
      type(completed);
    } else if (key.name === "escape") {
      line.clearLine(0);
      type("");
    } else if (line.line !== typed) type(line.line);
  });

  const names = Math.max(...choices.map(({ name }) => widthOf(name)));
  const groups = config.columns() < 60 ? 0 : Math.max(...choices.map(({ group }) => widthOf(group))) + 2;
  const free = config.rows() - header.length - OTHER_LINES - (feed.length > 0 ? 2 : 0);
  const shownFeed = feed.slice(-Math.max(LEAST_NEWS, free - found.length));
  const pageSize = Math.max(LEAST_CHOICES, free - shownFeed.length);
  const page = usePagination({
    items: found,
    active,
    pageSize,
    loop: false,
    renderItem: ({ item, index, isActive }) => {
      const isFirst = typed === "" && item.group !== found[index - 1]?.group;
      const group = styleText("dim", pad(isFirst && groups > 0 ? item.group : "", groups));
      const key = item.key.padEnd(3);
      const hint = styleText("dim", cut(item.hint, config.columns() - groups - names - 8));
      const name = isActive ? theme.style.highlight(`❯ ${key}${pad(item.name, names)}`) : unmarked(item, key, names);
      return `${group}${name}  ${hint}`;
    },
  });
  const nothing = styleText("red", `Nothing is called ${cut(typed, 20)}. Esc clears it.`);
  const hidden = found.length - pageSize;
  const width = config.columns() - 1;
  const more = hidden > 0 ? `↓ ${hidden} more • ` : "";
  const tips = [`${more}type to find • ↑↓ moves • ⏎ chooses`, `${more}type to find • ⏎ chooses`];
  const help = styleText("dim", cut(tips.find((tip) => widthOf(tip) <= width) ?? "⏎ chooses", width));
  const question = `${prefix} ${theme.style.message("What next?", "idle")} ${styleText("cyan", typed)}`;
  const above = [...header, ...(shownFeed.length > 0 ? ["", ...shownFeed, ""] : [])];
  const body = `${found.length === 0 ? nothing : page}\n${help}`;
  return [[...above, question].join("\n"), `${body}${typed === "" ? cursorHide : cursorShow}`];
});

function unmarked({ name }: Choice, key: string, names: number): string {
  return `  ${styleText("bold", key)}${pad(name, names)}`;
}
