/** Sentences about figures. Which words they use is up to the figures. */
import { compare, type Spread } from "../statistics.ts";
import { figure, times } from "./format.ts";

export interface Measured {
  readonly name: string;
  readonly figures: Spread | null;
}

/** Of what is compared: `takes` and `time`, for `A takes less time than B`; all in the singular. */
export interface Matter {
  readonly verb: string;
  readonly noun: string;
  readonly format: (figure: number) => string;
}

/** Like "TCP takes less time than WebSocket: 90 µs against 120 µs, 1.33 times as much." Ends in a full stop. */
export function comparison(a: Measured, b: Measured, { verb, noun, format }: Matter): string {
  if (a.figures === null || b.figures === null) return `${unmeasured([a, b])} could not be measured in this run.`;
  const [here, there] = [format(a.figures.median), format(b.figures.median)];
  const order = compare(a.figures, b.figures);
  switch (order.kind) {
    case "alike":
      return `${a.name} ${verb} about as much ${noun} as ${b.name}: ${here} and ${there}, a difference within the spread or below a tenth.`;
    case "less":
      return `${a.name} ${verb} less ${noun} than ${b.name}: ${here} against ${there}, which is ${times(order.factor)} as much.`;
    case "more":
      return `${a.name} ${verb} more ${noun} than ${b.name}: ${here} against ${there}, ${times(order.factor)} as much.`;
  }
}

/** Like "From the least to the most: A (1 ms), B (2 ms) and C (3 ms)." Leaves out what there is no figure of. */
export function ranking(all: readonly Measured[], format: (figure: number) => string): string {
  const known = all.flatMap(({ name, figures }) => (figures === null ? [] : [{ name, at: figures.median }]));
  if (known.length === 0) return "None of them could be measured in this run.";
  const sorted = known.toSorted((a, b) => a.at - b.at).map(({ name, at }) => `${name} (${format(at)})`);
  return `From the least to the most: ${sorted.join(", ")}.`;
}

/** What several cost with and without something: like "2.1 times as much (1.9 to 2.4)". Null where nothing can be said. */
export function factors(pairs: readonly (readonly [with_: Spread | null, without: Spread | null])[]): string | null {
  const known = pairs.flatMap(([a, b]) => (a === null || b === null || b.median === 0 ? [] : [a.median / b.median]));
  if (known.length === 0) return null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return figure(least) === figure(most) ? times(least) : `${figure(least)} to ${times(most)}`;
}

function unmeasured(all: readonly Measured[]): string {
  return all
    .filter(({ figures }) => figures === null)
    .map(({ name }) => name)
    .join(" and ");
}
