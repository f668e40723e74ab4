import { styleText } from "node:util";
import { pieces } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";

const MOST_LINES = 20;

/**
 * A value behind a bar, so that nothing in it can pass for words of ours. Its own line breaks are kept;
 * a long one ends early and says so.
 */
export function valueLines(value: string, columns: number): string[] {
  if (value === "") return ["  (an empty value)"];
  const bar = styleText("cyan", "│");
  // What cannot be shown anyway need not be laid out.
  const beginning = value.slice(0, MOST_LINES * columns);
  const lines = beginning.split("\n").flatMap((line) => pieces(printable(line), columns - 5));
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${bar} ${line}`);
  if (lines.length <= MOST_LINES && beginning.length === value.length) return shown;
  return [...shown, `  … ${value.length.toLocaleString("en")} characters in all.`];
}
