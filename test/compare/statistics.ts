import { median, quantile } from "../bench/measure.ts";
import type { Latency } from "./results.ts";

export { median };

/** The figures of several rounds: the one in the middle, and the extremes. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Null where there is no figure. */
export function spreadOf(figures: readonly number[]): Spread | null {
  const known = figures.filter((figure) => Number.isFinite(figure));
  if (known.length === 0) return null;
  return { median: median(known), low: Math.min(...known), high: Math.max(...known) };
}

export function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) };
}

/** How two compare: `alike` where the ranges of their rounds meet, or one is less than a tenth above the other. */
export type Order =
  | { readonly kind: "alike"; readonly because: "spread" | "near" }
  | { readonly kind: "less" | "more"; readonly factor: number };

/** Whether `a` is less or more than `b`, and how many times. */
export function compare(a: Spread, b: Spread): Order {
  const [less, more] = a.median < b.median ? [a, b] : [b, a];
  const factor = more.median / less.median;
  if (!(factor >= 1.1)) return { kind: "alike", because: "near" };
  if (less.high >= more.low) return { kind: "alike", because: "spread" };
  return { kind: less === a ? "less" : "more", factor };
}
