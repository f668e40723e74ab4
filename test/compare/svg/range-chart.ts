import { colour, FONT_PX, type Frame, gridLine, picture, round, text } from "./picture.ts";
import { logScale } from "./scale.ts";

/** A figure, and up to where others go. */
export interface Range {
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

export interface Row {
  readonly name: string;
  /** One for each series; null where there is none. */
  readonly ranges: readonly (Range | null)[];
}

export interface RangeChart {
  readonly title: string;
  readonly description: string;
  readonly axis: string;
  /** Whether a range's end is written, too. */
  readonly hasEnds: boolean;
  readonly format: (figure: number) => string;
  /** Names of the series; a single one needs none. */
  readonly series: readonly string[];
  readonly rows: readonly Row[];
}

const WIDTH = 820;
const PLOT = { left: 232, right: 670, top: 84 };
const SERIES_STEP = 19;
const ROW_GAP = 13;
/** Colours of the first and the second series. */
const SERIES_COLOURS = [0, 2] as const;

/** A row for each name, with a dot at each figure, a line over its range, and the figure behind. The axis multiplies. */
export function rangeChart({ title, description, axis, hasEnds, format, series, rows }: RangeChart): string {
  const ranges = rows.flatMap((row) => row.ranges).filter((range) => range !== null);
  const x = logScale(
    ranges.flatMap(({ low, high }) => [low, high]),
    [PLOT.left, PLOT.right],
  );
  const rowHeight = series.length * SERIES_STEP + ROW_GAP;
  const bottom = PLOT.top + rows.length * rowHeight;
  const frame: Frame = { width: WIDTH, height: bottom + 50, title, description };
  return picture(frame, [
    ...legend(series),
    ...x.ticks.flatMap((tick) => [
      gridLine(x.at(tick), PLOT.top - 6, x.at(tick), bottom),
      text({ x: x.at(tick), y: bottom + 18, anchor: "middle" }, format(tick)),
    ]),
    text({ x: (PLOT.left + PLOT.right) / 2, y: bottom + 38, anchor: "middle" }, axis),
    ...rows.flatMap((row, i) => {
      const top = PLOT.top + i * rowHeight + ROW_GAP / 2;
      const middle = top + (series.length * SERIES_STEP) / 2;
      return [
        text({ x: PLOT.left - 14, y: middle + 4, anchor: "end" }, row.name),
        ...row.ranges.flatMap((range, nth) => {
          const y = top + (nth + 0.5) * SERIES_STEP;
          if (range === null) return [text({ x: PLOT.left + 6, y: y + 4 }, "—")];
          const shade = colour(SERIES_COLOURS[nth] ?? nth);
          return [
            `<line class="${shade}" stroke-width="4" opacity=".45" x1="${round(x.at(range.low))}" y1="${round(y)}" x2="${round(x.at(range.high))}" y2="${round(y)}"/>`,
            `<circle class="${shade}" cx="${round(x.at(range.at))}" cy="${round(y)}" r="5"/>`,
            text(
              { x: x.at(range.high) + 12, y: y + 4 },
              hasEnds ? `${format(range.at)} – ${format(range.high)}` : format(range.at),
            ),
          ];
        }),
      ];
    }),
  ]);
}

function legend(series: readonly string[]): readonly string[] {
  if (series.length < 2) return [];
  let x = 20;
  return series.flatMap((name, i) => {
    const at = x;
    x += 40 + name.length * FONT_PX * 0.58;
    return [
      `<circle class="${colour(SERIES_COLOURS[i] ?? i)}" cx="${at}" cy="48" r="5"/>`,
      text({ x: at + 12, y: 52 }, name),
    ];
  });
}
