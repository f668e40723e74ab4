import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Choice, moved, windowOf } from "../../client/live/choice.ts";
import { keyPress } from "../../client/live/key-press.ts";
import { LiveModel } from "../../client/live/model.ts";
import { end, entry, LivePicture, NOON, put, remove, snapshot, told } from "../support/live.ts";

/** The line with the mark of the chosen row. */
function chosenLine(picture: LivePicture): string | undefined {
  return picture.text.split("\n").find((line) => line.startsWith("❯"));
}

test("a row that is chosen stays where it is on the screen, while others come above", () => {
  const model = new LiveModel();
  for (let i = 0; i < 20; i++) model.apply(put("bob", `k${i}`, "1"), NOON);
  const picture = new LivePicture(model);
  expect(chosenLine(picture)).toBeUndefined();
  picture.press("down", "down", "down");
  expect(chosenLine(picture)).toContain("k17");
  const line = picture.text.split("\n").findIndex((it) => it.startsWith("❯"));
  for (let i = 20; i < 200; i++) model.apply(put("bob", `k${i}`, "1"), NOON);
  expect(picture.text.split("\n")[line]).toMatch(/^❯.*k17 = /);
  expect(picture.text).toContain("180 newer above");
  picture.press("up", "up", "up");
  expect(chosenLine(picture)).toContain("k20");
  picture.press("home");
  expect(chosenLine(picture)).toBeUndefined();
  expect(picture.text).toContain("k199");
});

test("by pages and to the end; above the first row nothing is chosen", () => {
  const model = new LiveModel();
  for (let i = 0; i < 100; i++) model.apply(put("bob", `k${i}`, "1"), NOON);
  const picture = new LivePicture(model);
  const { height } = picture.screen;
  picture.press("pagedown");
  expect(chosenLine(picture)).toContain(`k${100 - height} `);
  picture.press("pagedown", "end");
  expect(chosenLine(picture)).toContain("k0 ");
  picture.press("down");
  expect(chosenLine(picture)).toContain("k0 ");
  picture.press("pageup");
  expect(chosenLine(picture)).toContain(`k${height} `);
  picture.press("home", "up");
  expect(chosenLine(picture)).toBeUndefined();
});

test("a chosen row that goes is replaced by its neighbour, and that is what is opened", () => {
  const model = told([put("bob", "a", "1"), put("bob", "b", "1"), put("bob", "c", "1")]);
  const picture = new LivePicture(model);
  picture.press("t", "down", "down");
  expect(chosenLine(picture)).toContain("b");
  model.apply(remove("bob", "b"), NOON);
  picture.now = NOON + 10_000;
  expect(chosenLine(picture)).toMatch(/^❯ bob +c/);
  picture.press("\r");
  expect(picture.ui.opened).toEqual({ room: "bob", key: "c", scroll: 0 });
  model.apply(end("bob", "Deleted."), NOON);
  picture.press("escape");
  expect(chosenLine(picture)).toBeUndefined();
  picture.press("\r");
  expect(picture.ui.opened).toBeNull();
});

test("the key chosen among the newest is also chosen in the table", () => {
  const model = told([put("bob", "a", "1"), put("cleo", "b", "1"), put("bob", "c", "1"), end("dora", "Deleted.")]);
  const picture = new LivePicture(model);
  picture.press("down", "down", "down", "t");
  expect(chosenLine(picture)).toMatch(/cleo +b/);
  picture.press("t", "home", "down", "t");
  expect(picture.ui.layout).toBe("table");
  expect(chosenLine(picture)).toMatch(/cleo +b/);
});

test("filters are typed at the bottom, taken by Enter, left by Esc, and cleared", () => {
  const model = told([put("bob", "city", "1"), put("bob", "age", "1"), put("bobby", "city", "1")]);
  const picture = new LivePicture(model);
  picture.press("/", ..."cq", "backspace", ..."i t");
  expect(picture.text).toContain("Keys beginning with: ci t\n");
  expect(picture.screen.cursor).toEqual({ line: 14, column: "Keys beginning with: ci t".length });
  picture.press("backspace", "backspace", "\r", "r", ..."bob", "\r");
  expect(picture.text).toContain("only room bob · only keys ci…");
  expect(picture.text.match(/city/g)).toHaveLength(1);
  expect(picture.text).not.toContain("age");
  picture.press("r", "y", "escape");
  expect(picture.ui.filter).toEqual({ room: { name: "bob", isWhole: true }, prefix: "ci" });
  picture.press("r", "backspace", "\r");
  expect(picture.text).toContain("only rooms bo…");
  expect(picture.text.match(/city/g)).toHaveLength(2);
  picture.press("c");
  expect(picture.text).toContain("age");
  expect(picture.screen.cursor).toBeNull();
});

test("Ctrl-U empties the line, and Backspace takes a whole sign", () => {
  const picture = new LivePicture(told([]));
  picture.press("r", "東", ..."👩‍🚀", "backspace");
  expect(picture.ui.typing?.text).toBe("東");
  picture.press("backspace", "backspace", "a");
  expect(picture.ui.typing?.text).toBe("a");
  expect(keyPress("\x15", { name: "u", ctrl: true })).toEqual({ name: "u", text: "", ctrl: true });
  expect(keyPress("\x1b", { name: "escape", meta: true })).toEqual({ name: "escape", text: "", ctrl: false });
});

test("space pauses and goes on, in an opened key, too; Esc and q go back one level", () => {
  const picture = new LivePicture(told([snapshot("bob", entry("a", "1"))]));
  picture.press(" ", "t", "down", "\r", " ");
  expect(picture.ui).toMatchObject({ isPaused: false, opened: { key: "a" } });
  picture.press("q");
  expect(picture.ui).toMatchObject({ isOver: false, opened: null });
  picture.press("x", "escape");
  expect(picture.ui.isOver).toBe(true);
});

const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 30 });
const SEED = 20_261_121;

test(`whatever comes and goes, the window is full and the choice within it (seed ${SEED})`, () => {
  const order = (a: number, b: number): number => a - b;
  const steps = fc.array(fc.tuple(numbers, fc.constantFrom<number | "last">(-40, -1, 1, 3, 40, "last")));
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 12 }), (list, height) => {
      let choice: Choice<number> | null = null;
      for (const [rows, step] of list) {
        const sorted = rows.sort(order);
        choice = moved(sorted, height, choice, order, step);
        const window = windowOf(sorted, height, choice, order);
        expect(window.rows).toEqual(sorted.slice(window.before, window.before + height));
        expect(window.rows).toHaveLength(Math.min(height, sorted.length));
        if (choice === null) expect([window.before, window.chosen]).toEqual([0, null]);
        else expect(window.rows[window.chosen ?? -1]).toBe(choice.row);
      }
    }),
    { seed: SEED },
  );
});
