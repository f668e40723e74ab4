import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FRAME_MS, Frames } from "../../client/live/frames.ts";
import { Painter } from "../../client/live/painter.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { VirtualTerminal } from "../support/virtual-terminal.ts";

let terminal: VirtualTerminal;
let painter: Painter;
beforeEach(() => {
  terminal = new VirtualTerminal(40, 8);
  painter = new Painter(terminal.output);
});
afterEach(() => terminal.close());

const picture = (...lines: string[]) => ({ lines, cursor: null });

test("the screen that was there before comes back, and the cursor with it", async () => {
  terminal.output.write("$ keyroom\n");
  painter.draw(picture("too early"));
  painter.enter();
  painter.enter();
  painter.draw(picture("one", "two"));
  await terminal.is("one\ntwo");
  expect(terminal.cursorShown).toBe(false);
  painter.leave();
  painter.leave();
  painter.draw(picture("too late"));
  await terminal.is("$ keyroom");
  expect([terminal.cursorShown, terminal.cursorColumn]).toEqual([true, 0]);
  expect(terminal.written).not.toContain("too");
});

test("only lines that differ are written, and nothing where none does", async () => {
  painter.enter();
  painter.draw(picture("one", "two", "three"));
  const before = terminal.written.length;
  painter.draw(picture("one", "2", "three"));
  expect(terminal.written.slice(before)).toBe("\x1b[?2026h\x1b[?25l\x1b[2;1H2\x1b[K\x1b[?2026l");
  painter.draw(picture("one", "2", "three"));
  expect(painter.frames).toBe(2);
  painter.forget();
  painter.draw(picture("one", "2", "three"));
  expect(painter.frames).toBe(3);
  await terminal.is("one\n2\nthree");
});

test("the cursor is shown where one types, and only then", async () => {
  painter.enter();
  painter.draw({ lines: ["Room: bo"], cursor: { line: 0, column: 8 } });
  await terminal.is("Room: bo");
  expect([terminal.cursorShown, terminal.cursorColumn]).toEqual([true, 8]);
  painter.draw({ lines: ["Room: bo"], cursor: { line: 0, column: 7 } });
  await terminal.is("Room: bo");
  expect([painter.frames, terminal.cursorColumn]).toEqual([2, 7]);
  painter.draw(picture("Room: bo"));
  await terminal.is("Room: bo");
  expect(terminal.cursorShown).toBe(false);
});

test("a line that is too long spoils no other", async () => {
  painter.enter();
  painter.draw(picture("x".repeat(100), "two"));
  await terminal.is(`${"x".repeat(40)}\ntwo`);
});

const SEED = 20_261_121;

test(`after any sequence of pictures the screen is the last one (seed ${SEED})`, async () => {
  const line = fc.constantFrom("", "a", "b", "longer", "東京", "x".repeat(39));
  const pictures = fc.array(fc.array(line, { maxLength: 8 }), { minLength: 1 });
  painter.enter();
  await fc.assert(
    fc.asyncProperty(pictures, async (all) => {
      for (const lines of all) painter.draw(picture(...lines));
      await terminal.is((all.at(-1) ?? []).join("\n").trimEnd());
    }),
    { seed: SEED, numRuns: 50 },
  );
});

test("however often it is asked for, a frame is drawn 15 times a second, and the last word is drawn", () => {
  const clock = new ManualClock();
  const drawn: number[] = [];
  let word = 0;
  const frames = new Frames(() => drawn.push(word), clock);
  for (let ms = 0; ms < 1_000; ms++) {
    word = ms;
    frames.request();
    clock.advance(1);
  }
  expect(drawn.length).toBeGreaterThanOrEqual(14);
  expect(drawn.length).toBeLessThanOrEqual(16);
  clock.advance(FRAME_MS);
  expect([drawn.at(-1), clock.pending]).toEqual([999, 0]);
});

test("a key is drawn at once and takes the place of the frame that was due", () => {
  const clock = new ManualClock();
  let drawn = 0;
  const frames = new Frames(() => drawn++, clock);
  frames.request();
  clock.advance(0);
  frames.request();
  frames.now();
  expect([drawn, clock.pending]).toEqual([2, 0]);
  frames.request();
  clock.advance(FRAME_MS - 1);
  expect(drawn).toBe(2);
  clock.advance(1);
  expect(drawn).toBe(3);
  frames.request();
  frames.stop();
  clock.advance(1_000);
  expect(drawn).toBe(3);
});
