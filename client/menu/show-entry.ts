import { styleText } from "node:util";
import type { Entry } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Talk } from "./talk.ts";
import { valueLines } from "./value-lines.ts";

/** A value, and where it comes from. */
export function showEntry(talk: Talk, { value, revision, updatedAt, updatedBy }: Entry): void {
  for (const line of valueLines(value, talk.columns)) talk.print(line);
  const text = `revision ${revision}, ${timeOf(updatedAt)}, by ${printable(updatedBy)}`;
  talk.say(" ", text, (line) => styleText("dim", line));
}

/** `2026-11-21 14:03:59`, local. */
export function timeOf(ms: number): string {
  return new Date(ms).toLocaleString("sv-SE");
}

/** A key within a sentence. */
export function shown(key: string): string {
  return cut(printable(key), 40);
}
