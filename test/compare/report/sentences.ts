/** Sentences about figures. Which words they use is up to the figures. */
import { compare, type Spread } from "../statistics.ts";
import { figure, listed } from "./format.ts";

export interface Measured {
  readonly name: string;
  readonly figures: Spread | null;
}

/** Of what is compared: `takes` and `time`, for `A takes less time than B`. */
export interface Matter {
  readonly verb: string;
  readonly noun: string;
  /** What the noun is of, behind all else: `for a get`. */
  readonly of?: string;
  /** Whether it is fewer and not less. */
  readonly isCounted?: boolean;
  readonly format: (figure: number) => string;
}

/** Like "TCP takes less time than WebSocket for a get: 90 µs against 120 µs, a factor of 1.33." */
export function comparison(a: Measured, b: Measured, { verb, noun, of, isCounted, format }: Matter): string {
  if (a.figures === null || b.figures === null) return `${unmeasured([a, b])} could not be measured in this run.`;
  const [here, there] = [format(a.figures.median), format(b.figures.median)];
  const behind = of === undefined ? "" : ` ${of}`;
  const order = compare(a.figures, b.figures);
  if (order.kind === "alike") {
    const much = isCounted === true ? "many" : "much";
    const because =
      order.because === "near" ? "less than a tenth apart" : "which the spread of the rounds does not tell apart";
    return `${capital(a.name)} ${verb} about as ${much} ${noun} as ${b.name}${behind}: ${here} and ${there}, ${because}.`;
  }
  const word = order.kind === "more" ? "more" : isCounted === true ? "fewer" : "less";
  return `${capital(a.name)} ${verb} ${word} ${noun} than ${b.name}${behind}: ${here} against ${there}, a factor of ${figure(order.factor)}.`;
}

/** Like "From the least to the most: A (1 ms), B (2 ms) and C (3 ms)." Leaves out what there is no figure of. */
export function ranking(all: readonly Measured[], format: (figure: number) => string): string {
  const known = all.flatMap(({ name, figures }) => (figures === null ? [] : [{ name, at: figures.median }]));
  if (known.length === 0) return "None of them could be measured in this run.";
  const sorted = known.toSorted((a, b) => a.at - b.at).map(({ name, at }) => `${name} (${format(at)})`);
  return `From the least to the most: ${listed(sorted)}.`;
}

function unmeasured(all: readonly Measured[]): string {
  return capital(listed(all.filter(({ figures }) => figures === null).map(({ name }) => name)));
}

/** To begin a sentence with. */
function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
