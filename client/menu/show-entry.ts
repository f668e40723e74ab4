import { styleText } from "node:util";
import { age } from "../live/words.ts";
import type { Entry } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Talk } from "./talk.ts";
import { valueLines } from "./value-lines.ts";

/** A value, where it comes from and how long it stays. */
export function showEntry(talk: Talk, entry: Omit<Entry, "key" | "version">): void {
  const { value, revision, updatedAt, updatedBy } = entry;
  for (const line of valueLines(value, talk.columns)) talk.print(line);
  const text = `revision ${revision}, ${timeOf(updatedAt)}, by ${printable(updatedBy)}${lifetime(entry)}`;
  talk.say(" ", text, (line) => styleText("dim", line));
}

function lifetime({ expiresAt, ephemeral }: Pick<Entry, "expiresAt" | "ephemeral">): string {
  const session = ephemeral === true ? ["goes when its writer leaves"] : [];
  const time = expiresAt === undefined ? [] : [goes(expiresAt - Date.now())];
  return [...session, ...time].map((text) => `, ${text}`).join("");
}

/** By this machine's clock, which may differ from the server's. */
function goes(inMs: number): string {
  return inMs < 1_000 ? "goes now" : `goes in ${age(inMs)}`;
}

/** `2026-11-21 14:03:59`, local. */
export function timeOf(ms: number): string {
  return new Date(ms).toLocaleString("sv-SE");
}

/** A key within a sentence. */
export function shown(key: string): string {
  return cut(printable(key), 40);
}
