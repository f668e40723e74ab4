import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Typed } from "../../client/lines/editor.ts";
import { frameOf, layOut } from "../../client/lines/frame.ts";
import { PlainScreen } from "../../client/lines/plain-screen.ts";
import { DrawnScreen, type Screen } from "../../client/lines/screen.ts";
import { widthOf } from "../../client/terminal/fit.ts";
import { freshSeed } from "../support/random.ts";
import { VirtualTerminal } from "../support/virtual-terminal.ts";

const COLUMNS = 20;
const PROMPT = "ada@Guest__$ ";
let terminal: VirtualTerminal;
beforeEach(() => {
  terminal = new VirtualTerminal(COLUMNS, 10);
});
afterEach(() => terminal.close());

/** The line with a bar where the cursor is. */
function at(barred: string): Typed {
  return { text: barred.replace("|", ""), cursor: barred.indexOf("|") };
}

function show(screen: Screen, barred: string, prompt = PROMPT): void {
  screen.show(frameOf(prompt, at(barred)));
}

describe("a drawn screen", () => {
  let screen: Screen;
  beforeEach(() => {
    screen = new DrawnScreen(terminal.output);
  });

  test.each([
    ["a short line", "get a|", `${PROMPT}get a`, 18],
    ["a line that fills the row to its last column", "get abc|", `${PROMPT}get abc`, 0],
    ["a line that wraps", "put note long|", `${PROMPT}put not\ne long`, 6],
    ["the cursor in the first of two rows", "put| note long", `${PROMPT}put not\ne long`, 16],
    ["a wide character that does not fit the row", "get ab漢|", `${PROMPT}get ab\n漢`, 2],
    ["the cursor before that", "get ab|漢", `${PROMPT}get ab\n漢`, 0],
    ["what a terminal would obey", "\x1b[J|", `${PROMPT}\\x1b[J`, 19],
  ])("prints above %s and leaves it as it was", async (_, barred, whole, column) => {
    show(screen, barred);
    await terminal.is(whole);
    expect(terminal.cursorColumn).toBe(column);
    screen.print("news");
    screen.print("more\nnews");
    await terminal.is(`news\nmore\nnews\n${whole}`);
    expect(terminal.cursorColumn).toBe(column);
  });

  test("prints above a line at the lower end of the window", async () => {
    show(screen, "put note| of three rows, which is long enough");
    for (let i = 0; i < 20; i++) screen.print(`news ${i}`);
    const prompt = `${PROMPT}put not\ne of three rows, whi\nch is long enough`;
    const news = [13, 14, 15, 16, 17, 18, 19].map((i) => `news ${i}`).join("\n");
    await terminal.is(`${news}\n${prompt}`);
    expect(terminal.cursorColumn).toBe(1);
  });

  test("keeps a line that was entered, and begins below it", async () => {
    show(screen, "put| note long");
    screen.keep(`${PROMPT}put note long`);
    screen.print("done");
    show(screen, "|");
    await terminal.is(`${PROMPT}put not\ne long\ndone\n${PROMPT.trimEnd()}`);
  });

  test.each([
    [13, `news\nada@Guest__$ \nput| a long no\nte`],
    [40, `news\nada@Guest__$ put| a long note`],
  ])("follows the window to %d columns", async (columns, whole) => {
    show(screen, "put| a long note");
    await terminal.is(`${PROMPT}put a l\nong note`);
    terminal.resize(columns, 10);
    screen.print("news");
    await terminal.is(whole.replace("|", ""));
    expect(terminal.cursorColumn).toBe(
      whole
        .split("\n")
        .find((row) => row.includes("|"))
        ?.indexOf("|"),
    );
  });

  test("shows the rows around the cursor of a line that is longer than the window", async () => {
    const text = Array.from({ length: 60 }, (_, i) => `word ${i}`).join(" ");
    show(screen, `${text}|`);
    const endsWell = (it: string) => it.replaceAll("\n", "").endsWith("word 58 word 59");
    await terminal.fits(endsWell);
    screen.print("news");
    await terminal.fits((it) => it.startsWith("news\n") && endsWell(it));
    show(screen, `|${text}`);
    await terminal.fits((it) => it.startsWith(`news\n${PROMPT}`));
    expect(terminal.cursorColumn).toBe(PROMPT.length);
  });
});

const seed = freshSeed();
test(`every row fits, and the cursor is on what it stands before (seed ${seed})`, () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "漢", "😀", "é", "\t", "\x1b"), maxLength: 60 });
  fc.assert(
    fc.property(
      text,
      text,
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 6 }),
      (before, after, width, most) => {
        const frame = frameOf("$ ", { text: before + after, cursor: before.length });
        const { rows, cursorRow, cursorColumn } = layOut(frame, width, most);
        expect(rows.length).toBeLessThanOrEqual(most);
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
        const under = `${frame.after} `;
        const row = rows[cursorRow] ?? "";
        const split = [...row].findIndex((_, i) => widthOf([...row].slice(0, i).join("")) === cursorColumn);
        expect(split).toBeGreaterThanOrEqual(0);
        const onward = [...row].slice(split).join("");
        expect(under.startsWith(onward) || onward.startsWith(under)).toBe(true);
      },
    ),
    { seed },
  );
});

describe("a plain screen", () => {
  let screen: Screen;
  beforeEach(() => {
    screen = new PlainScreen(terminal.output);
  });
  /** Whatever moves the cursor anywhere but one letter back. */
  const noMoves = () => expect(terminal.written).not.toMatch(/\x1b|\r/);

  test("adds and takes back letters where they are", async () => {
    for (const barred of ["|", "g|", "ge|", "get|", "ge|", "get|", "get a|"]) show(screen, barred);
    screen.keep(`${PROMPT}get a`);
    screen.print("1");
    await terminal.is(`${PROMPT}get a\n1`);
    noMoves();
  });

  test("prints below what is typed, and begins that again below", async () => {
    show(screen, "put a|");
    screen.print("news");
    show(screen, "put ab|");
    await terminal.is(`${PROMPT}put a\nnews\n${PROMPT}put ab`);
    noMoves();
  });

  test("begins again where the prompt or the beginning of the line is another", async () => {
    show(screen, "get|");
    show(screen, "get|", "ada@M# ");
    show(screen, "put|", "ada@M# ");
    screen.keep("ada@M# put");
    await terminal.is(`${PROMPT}get\nada@M# get\nada@M# put`);
    noMoves();
  });
});
