/** A row that somebody has chosen, and the line on which it stays while others come and go. */
export interface Choice<R> {
  readonly row: R;
  readonly line: number;
}

/** The rows that are to be seen. */
export interface Window<R> {
  readonly rows: readonly R[];
  /** How many come before them. */
  readonly before: number;
  /** The line of the chosen one. */
  readonly chosen: number | null;
}

/** Negative where `a` comes before `b`. */
export type Order<R> = (a: R, b: R) => number;

export type Step = number | "last";

/** Without a choice, the first rows. A chosen row that has gone is replaced by the one behind it. */
export function windowOf<R>(rows: readonly R[], height: number, choice: Choice<R> | null, order: Order<R>): Window<R> {
  const index = choice === null ? null : indexOf(rows, choice, order);
  const start = choice === null || index === null ? 0 : index - choice.line;
  const first = Math.max(0, Math.min(start, rows.length - height));
  const chosen = index === null ? null : index - first;
  return { rows: rows.slice(first, first + height), before: first, chosen };
}

/** Moves down by so many rows, or up. Without a choice it begins with the first row; above that is no choice. */
export function moved<R>(
  rows: readonly R[],
  height: number,
  choice: Choice<R> | null,
  order: Order<R>,
  step: Step,
): Choice<R> | null {
  const { before, chosen } = windowOf(rows, height, choice, order);
  const last = rows.length - 1;
  const wanted = step === "last" ? last : chosen === null ? step - 1 : before + chosen + step;
  const row = rows[Math.min(wanted, last)];
  if (wanted < 0 || row === undefined) return null;
  const line = Math.min(wanted, last) - before;
  return { row, line: Math.max(0, Math.min(line, height - 1)) };
}

function indexOf<R>(rows: readonly R[], { row }: Choice<R>, order: Order<R>): number | null {
  if (rows.length === 0) return null;
  const found = rows.findIndex((other) => order(other, row) >= 0);
  return found < 0 ? rows.length - 1 : found;
}
