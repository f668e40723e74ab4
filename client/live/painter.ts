import { atOnce } from "../terminal/at-once.ts";
import { columnsOf, type Output, rowsOf } from "../terminal/io.ts";
import type { Screen } from "./view.ts";

// The alternate screen leaves what was there before as it is. Without wrapping, a letter that is wider than we think
// spoils its own line only.
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

type Picture = Pick<Screen, "lines" | "cursor">;

/** Draws whole screens, and writes only what differs. */
export class Painter {
  readonly #output: Output;
  #drawn: Picture | null = null;
  #isInside = false;
  #frames = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  get columns(): number {
    return columnsOf(this.#output);
  }

  get rows(): number {
    return rowsOf(this.#output);
  }

  /** How often something was written. */
  get frames(): number {
    return this.#frames;
  }

  enter(): void {
    if (this.#isInside) return;
    this.#isInside = true;
    this.#drawn = null;
    this.#output.write(ENTER);
  }

  /** Back to what was there before. */
  leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#output.write(LEAVE);
  }

  /** What is on the screen is not to be relied on: the next picture is drawn anew. */
  forget(): void {
    this.#drawn = null;
  }

  draw(picture: Picture): void {
    if (!this.#isInside) return;
    const erase = this.#drawn === null ? "\x1b[2J" : "";
    const changes = erase + linesOf(picture, this.#drawn?.lines ?? []);
    const move = cursorOf(picture);
    if (changes === "" && this.#drawn !== null && move === cursorOf(this.#drawn)) return;
    this.#drawn = picture;
    this.#frames++;
    this.#output.write(atOnce(`\x1b[?25l${changes}${move}`));
  }
}

function linesOf({ lines }: Picture, before: readonly string[]): string {
  let changes = "";
  for (let i = 0; i < Math.max(lines.length, before.length); i++) {
    const line = lines[i] ?? "";
    if (line !== (before[i] ?? "")) changes += `\x1b[${i + 1};1H${line}\x1b[K`;
  }
  return changes;
}

function cursorOf({ cursor }: Picture): string {
  return cursor === null ? "" : `\x1b[${cursor.line + 1};${cursor.column + 1}H\x1b[?25h`;
}
