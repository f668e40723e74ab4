import { printable } from "../terminal/printable.ts";
import { cell, endCell } from "./layout.ts";
import { type Rate, WINDOW_S } from "./rates.ts";
import { rateText } from "./words.ts";

const BLOCKS = "▁▂▃▄▅▆▇█";
const DIGITS = "123456789";
const NAME = 12;
const FIGURE = 7;
const BETWEEN = "   ";
const QUIET: readonly number[] = Array.from({ length: WINDOW_S }, () => 0);
const CELL = NAME + 1 + WINDOW_S + 1 + FIGURE;

/**
 * A block for each count, as high as its part of `most`; digits where blocks cannot be shown. Nothing at all is a blank,
 * and the least there is can be seen.
 */
export function bar(counts: readonly number[], most: number, isUnicode: boolean): string {
  const steps = isUnicode ? BLOCKS : DIGITS;
  return counts
    .map((n) => (n === 0 ? " " : (steps[Math.min(steps.length, Math.ceil((n / most) * steps.length)) - 1] ?? " ")))
    .join("");
}

/**
 * Rooms and their rates, as many as fit on so many lines: the busiest, and quiet ones where there is space, so that what
 * is below stays where it is. By name, so that the same room stays at its place.
 */
export function rateLines(
  rates: readonly Rate[],
  rooms: Iterable<string>,
  { columns, lines, isUnicode }: { readonly columns: number; readonly lines: number; readonly isUnicode: boolean },
): string[] {
  const across = Math.max(1, Math.floor((columns + BETWEEN.length) / (CELL + BETWEEN.length)));
  const shown = filledUp(rates, rooms, across * lines).sort((a, b) => (a.room < b.room ? -1 : 1));
  const most = Math.max(1, ...shown.flatMap(({ counts }) => counts));
  const cells = shown.map(({ room, counts, perSecond }) => {
    return `${cell(printable(room), NAME)} ${bar(counts, most, isUnicode)} ${endCell(`${rateText(perSecond)}/s`, FIGURE)}`;
  });
  return Array.from({ length: Math.ceil(cells.length / across) }, (_, line) =>
    cells.slice(line * across, (line + 1) * across).join(BETWEEN),
  );
}

function filledUp(rates: readonly Rate[], rooms: Iterable<string>, most: number): Rate[] {
  const shown = rates.slice(0, most);
  const busy = new Set(shown.map(({ room }) => room));
  for (const room of rooms) {
    if (shown.length >= most) break;
    if (!busy.has(room)) shown.push({ room, counts: QUIET, perSecond: 0 });
  }
  return shown;
}
