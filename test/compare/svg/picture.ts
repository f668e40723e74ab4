/** A picture in SVG that can be read on light and on dark pages. */

/** In the order of the series: one for light pages, one for dark ones. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#1d6fb8", "#5aa9f0"],
  ["#68727f", "#a3adba"],
  ["#c4510a", "#ff9a56"],
  ["#b0267f", "#f07cc4"],
  ["#757000", "#cfc94a"],
  ["#13803d", "#4fcf7f"],
  ["#6d3fd0", "#ab8bff"],
];

const INK = { light: "#1f2328", dark: "#e6edf3" };
const PAPER = { light: "#ffffff", dark: "#0d1117" };
const GRID = { light: "#d5dae0", dark: "#30363d" };
const FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";

export const FONT_PX = 13;

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the picture shows, for those who cannot see it. */
  readonly description: string;
}

export function picture({ width, height, title, description }: Frame, elements: readonly string[]): string {
  const rules = (of: 0 | 1, scheme: "light" | "dark"): string =>
    [
      `.paper{fill:${PAPER[scheme]}}text{fill:${INK[scheme]}}.grid{stroke:${GRID[scheme]}}`,
      ...COLOURS.map((colours, i) => `.c${i}{stroke:${colours[of]};fill:${colours[of]}}`),
    ].join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    `<style>${rules(0, "light")}.line{fill:none;stroke-width:2}.halo{stroke-width:7;opacity:.22}`,
    `@media (prefers-color-scheme:dark){${rules(1, "dark")}}.line{fill:none}text{stroke:none}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    `<g font-family="${FONT}" font-size="${FONT_PX}">`,
    text({ x: 16, y: 26, weight: "bold", size: 15 }, title),
    ...elements,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: "bold";
  readonly size?: number;
}

export function text({ x, y, anchor, weight, size }: TextPlace, words: string): string {
  const style = [
    anchor === undefined || anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    weight === undefined ? "" : ` font-weight="${weight}"`,
    size === undefined ? "" : ` font-size="${size}"`,
  ].join("");
  return `<text x="${round(x)}" y="${round(y)}"${style}>${escapeXml(words)}</text>`;
}

export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/** The class of a series' colour. */
export function colour(series: number): string {
  return `c${series % COLOURS.length}`;
}

export function round(figure: number): string {
  return String(Number(figure.toFixed(1)));
}

export function escapeXml(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
