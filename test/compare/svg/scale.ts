/** Places of figures on an axis that multiplies. */
export interface LogScale {
  /** The place of a figure above 0. */
  at(figure: number): number;
  /** Round figures to write at the axis. */
  readonly ticks: readonly number[];
}

/** @param from where the axis begins and ends, in the picture's units */
export function logScale(figures: readonly number[], [from, to]: readonly [number, number]): LogScale {
  const known = figures.filter((figure) => figure > 0 && Number.isFinite(figure));
  const [least, most] = known.length === 0 ? [1, 10] : [Math.min(...known), Math.max(...known)];
  const steps = Math.log10(most / least) < 1.5 ? [1, 2, 5] : [1];
  const decades = (figure: number): number => Math.floor(Math.log10(figure));
  const rounds: number[] = [];
  for (let power = decades(least) - 1; power <= decades(most) + 1; power++) {
    for (const step of steps) rounds.push(Number((step * 10 ** power).toPrecision(1)));
  }
  const low = rounds.findLast((figure) => figure <= least) ?? least;
  const high = rounds.find((figure) => figure >= most && figure > low) ?? most;
  const share = (figure: number): number => Math.log(figure / low) / Math.log(high / low);
  return {
    at: (figure) => from + (to - from) * share(figure),
    ticks: rounds.filter((figure) => figure >= low && figure <= high),
  };
}
