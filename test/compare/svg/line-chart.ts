import { colour, escapeXml, type Frame, gridLine, picture, round, text } from "./picture.ts";
import { logScale } from "./scale.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface Line {
  readonly name: string;
  /** Which of the colours; the same in all charts. */
  readonly colour: number;
  readonly points: readonly Point[];
}

export interface LineChart {
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly format: (figure: number) => string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT] = [820, 420];
const PLOT = { left: 78, right: 620, top: 64, bottom: 366 };
const LABEL_STEP = 17;

/** Both axes multiply; each line has its name at its end, and at each point the spread. */
export function lineChart({ title, description, xLabel, yLabel, format, lines }: LineChart): string {
  const known = lines.filter(({ points }) => points.length > 0);
  const points = known.flatMap((line) => line.points);
  const x = logScale(
    points.map((point) => point.x),
    [PLOT.left, PLOT.right],
  );
  const y = logScale(
    points.flatMap(({ low, high }) => [low, high]),
    [PLOT.bottom, PLOT.top],
  );
  const xs = [...new Set(points.map((point) => point.x))].toSorted((a, b) => a - b);
  const ends = apart(known.map((line) => y.at(line.points.at(-1)?.y ?? 1)));
  const frame: Frame = { width: WIDTH, height: HEIGHT, title, description };
  return picture(frame, [
    text({ x: 16, y: 48 }, yLabel),
    text({ x: (PLOT.left + PLOT.right) / 2, y: HEIGHT - 14, anchor: "middle" }, xLabel),
    ...y.ticks.flatMap((tick) => [
      gridLine(PLOT.left, y.at(tick), PLOT.right, y.at(tick)),
      text({ x: PLOT.left - 8, y: y.at(tick) + 4, anchor: "end" }, format(tick)),
    ]),
    ...xs.flatMap((tick) => [
      gridLine(x.at(tick), PLOT.top, x.at(tick), PLOT.bottom),
      text({ x: x.at(tick), y: PLOT.bottom + 20, anchor: "middle" }, tick.toLocaleString("en-US")),
    ]),
    ...known.flatMap((line, i) => [
      ...line.points.map(
        ({ x: at, low, high }) =>
          `<line class="halo ${colour(line.colour)}" x1="${round(x.at(at))}" y1="${round(y.at(low))}" x2="${round(x.at(at))}" y2="${round(y.at(high))}"/>`,
      ),
      `<polyline class="${colour(line.colour)} line" points="${line.points.map((point) => `${round(x.at(point.x))},${round(y.at(point.y))}`).join(" ")}"/>`,
      ...line.points.map(
        (point) =>
          `<circle class="${colour(line.colour)}" cx="${round(x.at(point.x))}" cy="${round(y.at(point.y))}" r="3.5"><title>${escapeXml(`${line.name}: ${format(point.y)}`)}</title></circle>`,
      ),
      leader(x.at(line.points.at(-1)?.x ?? 1), y.at(line.points.at(-1)?.y ?? 1), ends[i] ?? 0, line.colour),
      text({ x: PLOT.right + 24, y: (ends[i] ?? 0) + 4 }, line.name),
    ]),
  ]);
}

/** From a line's end to its name. */
function leader(x: number, from: number, to: number, series: number): string {
  return `<polyline class="${colour(series)} line" stroke-dasharray="2 3" points="${round(x + 5)},${round(from)} ${round(PLOT.right + 20)},${round(to)}"/>`;
}

/** Heights for names, in their order, so that none covers another. */
export function apart(heights: readonly number[]): readonly number[] {
  const order = heights.map((_, i) => i).toSorted((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed = [...heights];
  let least = -Infinity;
  for (const i of order) {
    placed[i] = Math.max(placed[i] ?? 0, least);
    least = (placed[i] ?? 0) + LABEL_STEP;
  }
  // What was pushed below the plot pushes back.
  let most = PLOT.bottom;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i] ?? 0, most);
    most = (placed[i] ?? 0) - LABEL_STEP;
  }
  return placed;
}
