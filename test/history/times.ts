import type { History } from "./history.ts";

/** Ms of the history's clock at an event; NaN, which is neither before nor after anything, where there is none. */
export function timeOf({ times }: History, at: number): number {
  return times?.[at] ?? Number.NaN;
}

/** The first event that comes so many ms after another, or later; Infinity where there is none. */
export function placeAfter(history: History, at: number, ms: number): number {
  const { times = [] } = history;
  const due = timeOf(history, at) + ms;
  let [low, high] = [at, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) >= due) high = middle;
    else low = middle + 1;
  }
  return low < times.length ? low : Number.POSITIVE_INFINITY;
}
