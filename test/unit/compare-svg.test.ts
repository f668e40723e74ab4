import { describe, expect, test } from "@jest/globals";
import { apart, lineChart } from "../compare/svg/line-chart.ts";
import { rangeChart } from "../compare/svg/range-chart.ts";
import { logScale } from "../compare/svg/scale.ts";
import { faultOfXml } from "../support/well-formed.ts";

const HOSTILE = `<script>alert("&")</script>`;

const LINES = {
  title: "Puts",
  description: HOSTILE,
  xLabel: "clients",
  yLabel: "puts/s",
  format: String,
  lines: ["TCP", HOSTILE, "nothing"].map((name, i) => ({
    name,
    colour: i,
    points: i === 2 ? [] : [1, 10, 100].map((x) => ({ x, y: x * (i + 2), low: x * (i + 1), high: x * (i + 3) })),
  })),
};

const RANGES = {
  title: HOSTILE,
  description: "",
  axis: "ms",
  hasEnds: true,
  format: String,
  series: ["get", HOSTILE],
  rows: [
    { name: "TCP", ranges: [{ at: 2, low: 1, high: 3 }, null] },
    { name: HOSTILE, ranges: [null, { at: 200, low: 200, high: 200 }] },
  ],
};

test.each([
  ["line chart", () => lineChart(LINES)],
  ["line chart without a line", () => lineChart({ ...LINES, lines: [] })],
  ["range chart", () => rangeChart(RANGES)],
  ["range chart without a row", () => rangeChart({ ...RANGES, rows: [] })],
])("a %s is well-formed, has only numbers where they belong, and is the same each time", (_, draw) => {
  const svg = draw();
  expect(faultOfXml(svg)).toBeNull();
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<script/);
  expect(draw()).toBe(svg);
});

test("the check of XML finds what is wrong", () => {
  const wrong = ["<a><b></a></b>", "<a>", "<a>&</a>", "<a>1 < 2</a>", '<a b="<"/>', "</a>"];
  expect(wrong.filter((xml) => faultOfXml(xml) === null)).toEqual([]);
  expect(faultOfXml('<a b="1 &lt; 2"><c/>x &amp; y</a>\n')).toBeNull();
});

test("charts have colours for light and for dark pages", () => {
  expect(lineChart(LINES)).toMatch(/prefers-color-scheme:dark/);
});

test("a chart shows each name and figure", () => {
  expect(rangeChart(RANGES)).toContain(">2 – 3<");
  expect(rangeChart({ ...RANGES, hasEnds: false })).toContain(">2<");
  expect(lineChart(LINES)).toContain(">TCP<");
});

describe("a scale", () => {
  test("goes from one round figure to another, in equal steps for equal factors", () => {
    const { at, ticks } = logScale([3, 700], [0, 300]);
    expect(ticks).toEqual([1, 10, 100, 1_000]);
    expect([1, 10, 1_000].map(at).map(Math.round)).toEqual([0, 100, 300]);
  });

  test("has finer figures where its ends are near, and goes on below 1", () => {
    expect(logScale([0.03, 0.4], [0, 1]).ticks).toEqual([0.02, 0.05, 0.1, 0.2, 0.5]);
    expect(logScale([5, 5], [0, 1]).ticks).toEqual([5, 10]);
  });

  test("takes no notice of what has no place on it", () => {
    expect(logScale([0, Number.NaN, -1], [0, 1]).ticks).toEqual([1, 2, 5, 10]);
  });
});

test("names at the ends of lines keep their order and a distance, inside the picture", () => {
  const placed = apart([100, 101, 99, 300, 365, 366, 364]);
  const sorted = placed.toSorted((a, b) => a - b);
  expect(Math.max(...placed)).toBeLessThanOrEqual(366);
  expect(sorted.slice(1).every((height, i) => height - (sorted[i] ?? 0) >= 17)).toBe(true);
  expect([2, 0, 1].map((i) => placed[i])).toEqual(sorted.slice(0, 3));
});
