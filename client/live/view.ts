/** The screen, line by line: nothing in here knows of terminals or watches. */
import { styleText } from "node:util";
import { counted } from "../terminal/counted.ts";
import { cut } from "../terminal/fit.ts";
import { rateLines } from "./bars.ts";
import { type Window, windowOf } from "./choice.ts";
import { isAll, matches } from "./filter.ts";
import { footerOf } from "./footer.ts";
import { headerParts } from "./header.ts";
import { flowParts, rule } from "./layout.ts";
import { lossLines } from "./losses.ts";
import type { LiveModel } from "./model.ts";
import { newestLines } from "./newest-lines.ts";
import { openedLines } from "./opened-lines.ts";
import type { Rate } from "./rates.ts";
import type { Status } from "./status.ts";
import { byRoomAndKey, isMarked, type Row } from "./table.ts";
import { tableLines } from "./table-lines.ts";
import { NEWEST_FIRST, type Ui } from "./ui.ts";
import { many } from "./words.ts";

export interface Shown {
  readonly model: LiveModel;
  readonly ui: Ui;
  readonly status: Status;
  /** Ms since 1970, by our clock. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  /** Whether blocks and the like can be shown. */
  readonly isUnicode: boolean;
}

export interface Screen {
  /** At most `rows`, each narrower than `columns`. */
  readonly lines: readonly string[];
  /** Where a typed letter comes; null where nothing is typed. */
  readonly cursor: { readonly line: number; readonly column: number } | null;
  /** Lines that rows are shown on. */
  readonly height: number;
  /** Lines of what is opened; 0 where nothing is. */
  readonly openedLines: number;
}

/** The middle of the screen. */
interface Body {
  readonly titles: string | null;
  readonly lines: readonly string[];
  /** What part of all it is. */
  readonly note: string;
  readonly openedLines: number;
}

/** Gutter for the marks of the chosen and of the changed. */
const GUTTER = 2;
/** Screens with fewer rows do without rates and titles. */
const SMALL = 12;

export function screenOf(shown: Shown): Screen {
  const { model, ui, status, rows } = shown;
  const columns = shown.columns - 1;
  const rates = ratesOf(shown);
  const header = [
    ...flowParts(headerParts(status, model, ui, rates), " · ", columns),
    ...lossLines(model.losses, columns),
  ];
  const bars = rows < SMALL ? [] : barsOf(shown, rates, columns);
  const { footer, cursor } = footerOf(ui, columns);
  const titles = rows < SMALL || ui.opened !== null ? 0 : 1;
  const height = Math.max(1, rows - header.length - bars.length - titles - 1 - footer.length);
  const body = bodyOf(shown, columns, height);
  const filled = [...body.lines, ...Array.from({ length: height - body.lines.length }, () => "")];
  const above = [...header, ...bars, ...(titles === 1 ? [styleText("dim", body.titles ?? "")] : []), ...filled];
  const lines = [...above, rule(body.note, columns, shown.isUnicode), ...footer].slice(0, rows);
  const line = above.length + 1;
  return {
    lines,
    cursor: cursor === null || line >= rows ? null : { line, column: cursor },
    height,
    openedLines: body.openedLines,
  };
}

/** Of the rooms that are shown. Nothing is known while changes wait: they count when they happened. */
function ratesOf({ model, ui, now }: Shown): readonly Rate[] | null {
  if (ui.isPaused) return null;
  return model.rates.of(now).filter(({ room }) => matches(ui.filter, room, null));
}

/** Blank in a pause, so that what is below stays where it is. */
function barsOf(shown: Shown, rates: readonly Rate[] | null, columns: number): readonly string[] {
  const { model, ui, rows, isUnicode } = shown;
  const rooms = [...model.rooms].filter((room) => matches(ui.filter, room, null));
  const lines = rateLines(rates ?? [], rooms, { columns, lines: rows < 2 * SMALL ? 1 : 2, isUnicode });
  return rates === null ? lines.map(() => "") : lines;
}

function bodyOf(shown: Shown, columns: number, height: number): Body {
  const { model, ui, now } = shown;
  const serverNow = now - model.rates.delayMs;
  if (ui.opened !== null && model.subject !== null) {
    const all = openedLines(model.subject, columns, serverNow);
    const first = Math.min(ui.opened.scroll, Math.max(0, all.length - height));
    const lines = all.slice(first, first + height);
    return { titles: null, lines, note: part(first, lines.length, all.length, "line"), openedLines: all.length };
  }
  if (ui.layout === "newest") {
    const all = model.newest();
    const window = windowOf(all, height, ui.newest, NEWEST_FIRST);
    const { titles, lines } = newestLines(window.rows, columns - GUTTER);
    return listed(shown, { window, titles, lines, isMarked: () => false, note: newestNote(window, all.length) });
  }
  const all = model.table(now);
  const window = windowOf(all, height, ui.table, byRoomAndKey);
  const { titles, lines } = tableLines(window.rows, columns - GUTTER, serverNow);
  const marked = (row: Row): boolean => isMarked(row, now);
  return listed(shown, { window, titles, lines, isMarked: marked, note: tableNote(window, all.length, model) });
}

interface Listing<R> {
  readonly window: Window<R>;
  readonly titles: string;
  readonly lines: readonly string[];
  readonly note: string;
  isMarked(row: R): boolean;
}

function listed<R>(shown: Shown, { window, titles, lines, note, isMarked }: Listing<R>): Body {
  const { isUnicode } = shown;
  const shownLines = lines.map((line, i) => {
    const row = window.rows[i];
    const isChosen = window.chosen === i;
    const hasChanged = row !== undefined && isMarked(row);
    const marks = `${isChosen ? (isUnicode ? "❯" : ">") : " "}${hasChanged ? (isUnicode ? "•" : "*") : " "}`;
    return isChosen ? styleText("cyan", marks + line) : hasChanged ? styleText("bold", marks + line) : marks + line;
  });
  const empty = shownLines.length === 0 ? [cut(`  ${nothing(shown)}`, shown.columns - 1)] : shownLines;
  return { titles: `  ${titles}`, lines: empty, note, openedLines: 0 };
}

/** Why nothing is there to be seen. */
function nothing({ model, ui, status }: Shown): string {
  if (status.watched.length === 0) return "Nothing is watched. q goes back.";
  if (!isAll(ui.filter)) return "Nothing matches. c shows all again.";
  if (model.rooms.size === 0 && status.watched[0] !== "*") return "Waiting for the server's first word…";
  return ui.layout === "newest" ? "No changes yet. They appear here as they happen." : "There are no keys yet.";
}

function newestNote({ before, rows }: Window<unknown>, all: number): string {
  const newer = before === 0 ? "newest first" : `${many(before)} newer above`;
  return all > rows.length ? `${newer} · ${part(before, rows.length, all, "change")}` : newer;
}

function tableNote({ before, rows }: Window<unknown>, all: number, { leavesOut }: LiveModel): string {
  const what = part(before, rows.length, all, "key");
  return leavesOut ? `${what} · there are more: they come when they change` : what;
}

function part(before: number, shown: number, all: number, what: string): string {
  if (shown === all) return what === "line" ? "" : counted(all, what);
  return `${many(before + 1)}–${many(before + shown)} of ${counted(all, what)}`;
}
