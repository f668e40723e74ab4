import { printable } from "../terminal/printable.ts";
import { cell, columnWidth, endCell } from "./layout.ts";
import { NARROW, previewText } from "./newest-lines.ts";
import type { Row } from "./table.ts";
import { age } from "./words.ts";

const MOST_NAME = 14;
const REVISION = 8;
const AGE = 6;
const GAP = "  ";

/**
 * A line for each key, and one above with what stands where. Narrow screens have no column for the revision and for who
 * it was.
 * @param now by the clock of the rows' times
 */
export function tableLines(
  rows: readonly Row[],
  columns: number,
  now: number,
): { readonly titles: string; readonly lines: string[] } {
  const isNarrow = columns < NARROW;
  const rooms = rows.map(({ room }) => printable(room));
  const keys = rows.map(({ key }) => printable(key));
  const names = rows.map(({ by }) => (by === null ? "" : printable(by)));
  const roomWidth = columnWidth(rooms, "room".length, isNarrow ? 8 : MOST_NAME);
  const nameWidth = columnWidth(names, "by".length, MOST_NAME);
  const rest = columns - roomWidth - AGE - 3 * GAP.length - (isNarrow ? 0 : REVISION + nameWidth + 2 * GAP.length);
  const keyWidth = columnWidth(keys, "key".length, Math.floor(rest / 2));
  const join = (room: string, key: string, value: string, revision: string, by: string, old: string): string =>
    [
      cell(room, roomWidth),
      cell(key, keyWidth),
      cell(value, rest - keyWidth),
      ...(isNarrow ? [] : [endCell(revision, REVISION), cell(by, nameWidth)]),
      endCell(old, AGE),
    ].join(GAP);
  return {
    titles: join("room", "key", "value", "revision", "by", "age"),
    lines: rows.map(({ preview, revision, at }, i) => {
      const value = preview === null ? "(deleted)" : previewText(preview);
      const old = age(Math.max(0, now - at));
      return join(rooms[i] ?? "", keys[i] ?? "", value, String(revision), names[i] ?? "", old);
    }),
  };
}
