/** What the user has asked to see, and how keys change that. */
import { type Choice, moved, type Order, type Step, windowOf } from "./choice.ts";
import { type Filter, NO_FILTER, roomFilter } from "./filter.ts";
import type { KeyPress } from "./key-press.ts";
import type { LiveModel } from "./model.ts";
import type { NewsRow } from "./recent.ts";
import { byRoomAndKey, type Row } from "./table.ts";
import { type Typing, typed } from "./typing.ts";

export interface Ui {
  readonly layout: "newest" | "table";
  readonly isPaused: boolean;
  readonly filter: Filter;
  readonly newest: Choice<NewsRow> | null;
  readonly table: Choice<Row> | null;
  readonly typing: Typing | null;
  readonly opened: Opened | null;
  /** Whether the user has enough. */
  readonly isOver: boolean;
}

/** One key that is shown whole, from this line of it on. */
export interface Opened {
  readonly room: string;
  readonly key: string;
  readonly scroll: number;
}

/** What keys refer to. */
export interface Scene {
  readonly model: LiveModel;
  /** Ms since 1970. */
  readonly now: number;
  /** Lines that rows are shown on. */
  readonly height: number;
  /** Lines of what is opened. */
  readonly openedLines: number;
}

export const FIRST_UI: Ui = {
  layout: "newest",
  isPaused: false,
  filter: NO_FILTER,
  newest: null,
  table: null,
  typing: null,
  opened: null,
  isOver: false,
};

/** The later one comes first. */
export const NEWEST_FIRST: Order<NewsRow> = (a, b) => b.seq - a.seq;

export function pressed(ui: Ui, key: KeyPress, scene: Scene): Ui {
  if (ui.typing !== null) return whileTyping(ui, ui.typing, key, scene);
  if (key.text === " ") return { ...ui, isPaused: !ui.isPaused };
  if (ui.opened !== null) return whileOpened(ui, ui.opened, key, scene);
  const step = stepOf(key, scene.height);
  if (step !== null) return choose(ui, step, scene);
  return command(ui, key, scene);
}

function command(ui: Ui, { name, text }: KeyPress, scene: Scene): Ui {
  switch (text === "" ? name : text.toLowerCase()) {
    case "t":
    case "tab":
      return otherLayout(ui);
    case "r":
      return { ...ui, typing: { what: "room", text: ui.filter.room?.name ?? "" } };
    case "/":
      return { ...ui, typing: { what: "prefix", text: ui.filter.prefix } };
    case "c":
      return { ...ui, filter: NO_FILTER };
    case "return":
    case "enter":
      return { ...ui, opened: chosenKey(ui, scene) };
    case "q":
    case "escape":
      return { ...ui, isOver: true };
    default:
      return ui;
  }
}

function whileTyping(ui: Ui, typing: Typing, key: KeyPress, { model }: Scene): Ui {
  if (key.name === "escape") return { ...ui, typing: null };
  if (key.name !== "return" && key.name !== "enter") return { ...ui, typing: typed(typing, key) };
  const { what, text } = typing;
  const change = what === "room" ? { room: roomFilter(text, model.rooms) } : { prefix: text };
  return { ...ui, typing: null, filter: { ...ui.filter, ...change } };
}

function whileOpened(ui: Ui, opened: Opened, key: KeyPress, { height, openedLines }: Scene): Ui {
  if (key.name === "escape" || key.text === "q" || key.name === "return") return { ...ui, opened: null };
  const step = stepOf(key, height);
  if (step === null) return ui;
  const most = Math.max(0, openedLines - height);
  const scroll = step === "last" ? most : Math.max(0, Math.min(most, opened.scroll + step));
  return { ...ui, opened: { ...opened, scroll } };
}

/** How far a key moves: down is positive. */
function stepOf({ name }: KeyPress, height: number): Step | null {
  switch (name) {
    case "up":
      return -1;
    case "down":
      return 1;
    case "pageup":
      return -height;
    case "pagedown":
      return height;
    case "home":
      return Number.NEGATIVE_INFINITY;
    case "end":
      return "last";
    default:
      return null;
  }
}

function choose(ui: Ui, step: Step, { model, now, height }: Scene): Ui {
  if (ui.layout === "newest") return { ...ui, newest: moved(model.newest(), height, ui.newest, NEWEST_FIRST, step) };
  return { ...ui, table: moved(model.table(now), height, ui.table, byRoomAndKey, step) };
}

/** The key chosen in the one is also chosen in the other, where it stands. */
function otherLayout(ui: Ui): Ui {
  if (ui.layout === "table") return { ...ui, layout: "newest" };
  const { newest } = ui;
  if (newest === null || !("key" in newest.row)) return { ...ui, layout: "table" };
  const { room, key, at } = newest.row;
  const row: Row = { room, key, at, preview: null, revision: 0, by: null, changedAt: null };
  return { ...ui, layout: "table", table: { row, line: newest.line } };
}

/** What is chosen by now: the row of the choice may have gone, and another one stands there. */
function chosenKey({ layout, newest, table }: Ui, { model, now, height }: Scene): Opened | null {
  const { rows, chosen } =
    layout === "newest"
      ? windowOf(model.newest(), height, newest, NEWEST_FIRST)
      : windowOf(model.table(now), height, table, byRoomAndKey);
  const row = chosen === null ? undefined : rows[chosen];
  return row === undefined || !("key" in row) ? null : { room: row.room, key: row.key, scroll: 0 };
}
