import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { cell, columnWidth } from "./layout.ts";
import type { Preview } from "./news.ts";
import type { NewsRow } from "./recent.ts";
import { clockTime, many } from "./words.ts";

/** Narrower screens have no column for who it was. */
export const NARROW = 60;
const MOST_NAME = 14;

/** A line for each of the news, and one above with what stands where. */
export function newestLines(rows: readonly NewsRow[], columns: number): { readonly titles: string; lines: string[] } {
  const rooms = rows.map(({ room }) => roomText(room));
  const names = rows.map((row) => ("by" in row ? printable(row.by) : ""));
  const roomWidth = columnWidth(rooms, "room".length, MOST_NAME);
  const nameWidth = columns < NARROW ? 0 : columnWidth(names, "by".length, MOST_NAME);
  const join = (time: string, room: string, by: string, what: string): string => {
    const start = [cell(time, 8), cell(room, roomWidth), ...(nameWidth === 0 ? [] : [cell(by, nameWidth)])];
    return `${start.join("  ")}  ${what}`;
  };
  const width = columns - 8 - 2 - roomWidth - 2 - (nameWidth === 0 ? 0 : nameWidth + 2);
  return {
    titles: join("time", "room", "by", "change"),
    lines: rows.map((row, i) => join(clockTime(row.at), rooms[i] ?? "", names[i] ?? "", cut(what(row, width), width))),
  };
}

function roomText(room: string): string {
  return room === "*" ? "(all)" : printable(room);
}

function what(row: NewsRow, columns: number): string {
  switch (row.kind) {
    case "put":
      return `${keyText(row.key, columns)} = ${previewText(row.preview)}`;
    case "delete":
      return `${keyText(row.key, columns)} deleted`;
    case "gone":
      return `${keyText(row.key, columns)} is gone`;
    case "gap":
      return `gap: changes were missed; ${differing(row.differing)}`;
    case "end":
      return `not watched any more: ${printable(row.reason)}`;
  }
}

function differing(keys: number): string {
  if (keys === 0) return "nothing differs";
  return keys === 1 ? "1 key differs" : `${many(keys)} keys differ`;
}

/** Something of the value shall be seen, too. */
function keyText(key: string, columns: number): string {
  return cut(printable(key), Math.floor(columns / 2));
}

export function previewText({ text, isWhole }: Preview): string {
  return isWhole ? text : `${text}…`;
}
