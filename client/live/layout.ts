/** Lines put together from styled parts, each known by the columns that it takes. */
import { styleText } from "node:util";
import { cut, pad, widthOf } from "../terminal/fit.ts";

export type Style = Parameters<typeof styleText>[0] | null;
export type Part = readonly [text: string, style: Style];

export function painted([text, style]: Part): string {
  return style === null ? text : styleText(style, text);
}

/** Parts joined by `glue`; a new line begins where one would be too long, and a part that is longer is cut. */
export function flowParts(parts: readonly Part[], glue: string, columns: number): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const [whole, style] of parts) {
    const text = cut(whole, columns);
    const width = widthOf(text);
    const line = lines.at(-1);
    if (line === undefined || line.width + glue.length + width > columns) {
      lines.push({ text: painted([text, style]), width });
    } else {
      line.text += glue + painted([text, style]);
      line.width += glue.length + width;
    }
  }
  return lines.map(({ text }) => text);
}

/** A text in a column of this width. */
export function cell(text: string, width: number): string {
  return width <= 0 ? "" : pad(cut(text, width), width);
}

/** The same, with the text at its end. */
export function endCell(text: string, width: number): string {
  const short = cut(text, width);
  return " ".repeat(Math.max(0, width - widthOf(short))) + short;
}

/** How wide a column has to be for these texts, within these bounds. */
export function columnWidth(texts: readonly string[], least: number, most: number): number {
  return Math.max(least, Math.min(most, ...[Math.max(0, ...texts.map((text) => widthOf(text)))]));
}

/** A line across, with words in it. */
export function rule(words: string, columns: number, isUnicode: boolean): string {
  const dash = isUnicode ? "─" : "-";
  const text = words === "" ? "" : ` ${cut(words, columns - 6)} `;
  return styleText("dim", `${dash.repeat(2)}${text}${dash.repeat(Math.max(0, columns - 2 - widthOf(text)))}`);
}
