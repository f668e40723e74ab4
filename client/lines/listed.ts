import { cut, flow } from "../terminal/fit.ts";

/** More would push away what one is doing. */
const MOST_LINES = 5;

/** What may be typed, in a few lines. */
export function listed(choices: readonly string[], columns: number): string[] {
  const names = choices.map((choice) => cut(choice, columns));
  const lines = flow(names, "  ", columns);
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), "and more"];
}
