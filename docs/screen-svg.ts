/** Draws what a terminal shows as an SVG picture. */
import xterm from "@xterm/headless";

const CELL = { width: 8.4, height: 18, font: 14 };
const MARGIN = 16;
const BACKGROUND = "#1b1f27";
const FOREGROUND = "#d7dce5";
/** The sixteen colours of a terminal, in a calm shade. */
const PALETTE: readonly string[] = [
  ...["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dce5"],
  ...["#7f8797", "#f08a92", "#b5e08f", "#f2d08f", "#84c4f7", "#d898ea", "#7fd3dd", "#ffffff"],
];

interface Run {
  readonly column: number;
  text: string;
  width: number;
  readonly style: string;
}

/**
 * @param screen lines with escape sequences for colours, as `tmux capture-pane -e -p` gives them
 * @param title what the picture shows, for those who cannot see it
 */
export async function screenSvg(screen: string, columns: number, title: string): Promise<string> {
  const lines = screen.trimEnd().split("\n");
  const terminal = new xterm.Terminal({ cols: columns, rows: lines.length, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(lines.join("\n"), resolve));
  const texts = lines.flatMap((_, row) => runsOf(terminal, row).map((run) => textElement(run, row)));
  terminal.dispose();
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.font}">`,
    ...texts,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** The pieces of a row that look alike, without blanks between them: a picture's columns are those of the cells. */
function runsOf(terminal: xterm.Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(row);
  const runs: Run[] = [];
  let isApart = true;
  for (let column = 0; line !== undefined && column < terminal.cols; column++) {
    const cell = line.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const text = cell.getChars();
    const last = runs.at(-1);
    if (text === "" || text === " ") isApart = true;
    else if (!isApart && last?.style === style && cell.getWidth() === 1) {
      last.text += text;
      last.width++;
    } else {
      runs.push({ column, text, width: cell.getWidth(), style });
      isApart = cell.getWidth() > 1;
    }
  }
  return runs;
}

function styleOf(cell: xterm.IBufferCell): string {
  const fill = cell.isFgPalette() ? (PALETTE[cell.getFgColor()] ?? FOREGROUND) : FOREGROUND;
  return [
    `fill="${fill}"`,
    ...(cell.isBold() ? ['font-weight="bold"'] : []),
    ...(cell.isDim() ? ['opacity="0.6"'] : []),
    ...(cell.isUnderline() ? ['text-decoration="underline"'] : []),
  ].join(" ");
}

/** The length is given, so that columns stay in line whatever font is at hand. */
function textElement({ column, text, width, style }: Run, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = MARGIN + row * CELL.height + CELL.font;
  const length = (width * CELL.width).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${length}" ${style}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
