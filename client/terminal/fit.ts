/** Text laid out in terminal columns. */

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

const ASCII = /^[ -~]*$/;

function graphemeWidth(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Columns that a text without control characters takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The text in pieces of at most `columns` columns each; an empty text is one empty piece. */
export function pieces(text: string, columns: number): string[] {
  const done: string[] = [];
  let piece = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = graphemeWidth(segment);
    if (width + more > columns && piece !== "") {
      done.push(piece);
      piece = "";
      width = 0;
    }
    piece += segment;
    width += more;
  }
  return [...done, piece];
}

/** The text itself, or its beginning and an ellipsis. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns / 2 || widthOf(text.slice(0, columns * 20)) <= columns) return text;
  return `${pieces(text.slice(0, columns * 20), Math.max(0, columns - 1))[0] ?? ""}…`;
}

/** Fills up with spaces to `columns`. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** Joins words (or larger parts that stay whole) with `glue`, and begins a new line where one would be too long. */
export function flow(parts: readonly string[], glue: string, columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    const joined = `${line}${glue}${part}`;
    if (line === undefined || widthOf(joined) > columns) lines.push(...pieces(part, columns));
    else lines[lines.length - 1] = joined;
  }
  return lines;
}
