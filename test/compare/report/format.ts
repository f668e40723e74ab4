/** How figures are written. */
import type { Spread } from "../statistics.ts";

/** Three digits that say something; whole numbers from 1,000 on. */
export function figure(number: number): string {
  if (!Number.isFinite(number)) return "—";
  const size = Math.abs(number);
  if (size >= 999.5) return Math.round(number).toLocaleString("en-US");
  if (size < 0.0005) return "0";
  return String(Number(number.toPrecision(3)));
}

/** Like `3 ms`; small ones in µs. */
export function time(ms: number): string {
  if (ms >= 999.5) return `${figure(ms / 1_000)} s`;
  return ms < 1 ? `${figure(ms * 1_000)} µs` : `${figure(ms)} ms`;
}

export const micros = (number: number): string => `${figure(number)} µs`;
export const bytes = (number: number): string => `${figure(number)} B`;
export const kilobytes = (number: number): string => `${figure(number / 1_000)} KB`;
export const perSecond = (number: number): string => `${figure(number)}/s`;
export const share = (part: number): string => `${figure(part * 100)} %`;

/** The one in the middle and, where there are several, the extremes. */
export function spread(of: Spread | null, format: (number: number) => string = figure): string {
  if (of === null) return "—";
  const extremes = of.low === of.high ? "" : ` (${format(of.low)}–${format(of.high)})`;
  return `${format(of.median)}${extremes}`;
}

/** Markdown; the first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = `|${head.map((_, i) => (i === 0 ? "---|" : "--:|")).join("")}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
