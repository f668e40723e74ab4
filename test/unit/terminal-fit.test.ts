import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cut, flow, pad, pieces, widthOf } from "../../client/terminal/fit.ts";

const SEED = 20_261_121;
const text = fc.string({ unit: "grapheme" });
const columns = fc.integer({ min: 2, max: 60 });

test("wide letters and emoji take two columns, marks none", () => {
  expect(widthOf("ab")).toBe(2);
  expect(widthOf("東京")).toBe(4);
  expect(widthOf("👩‍🚀")).toBe(2);
  expect(widthOf("e\u0301")).toBe(1);
});

test(`pieces fit and lose nothing (seed ${SEED})`, () => {
  fc.assert(
    fc.property(text, columns, (whole, width) => {
      const parts = pieces(whole, width);
      expect(parts.join("")).toBe(whole);
      for (const part of parts) expect(widthOf(part)).toBeLessThanOrEqual(width);
    }),
    { seed: SEED },
  );
});

test(`cut keeps what fits and shortens what does not (seed ${SEED})`, () => {
  fc.assert(
    fc.property(text, columns, (whole, width) => {
      const short = cut(whole, width);
      expect(widthOf(short)).toBeLessThanOrEqual(width);
      if (widthOf(whole) <= width) expect(short).toBe(whole);
      else expect(whole.startsWith(short.slice(0, -1))).toBe(true);
    }),
    { seed: SEED },
  );
});

test("cut is quick for a text of a megabyte", () => {
  expect(cut("w".repeat(1_000_000), 10)).toBe("wwwwwwwww…");
});

test("pad fills up, and leaves alone what is wide enough", () => {
  expect(pad("東", 4)).toBe("東  ");
  expect(pad("abcdef", 4)).toBe("abcdef");
});

test("flow begins a new line where a part would not fit, and breaks only what is too long for any", () => {
  expect(flow(["ada", "guest", "connected"], " · ", 12)).toEqual(["ada · guest", "connected"]);
  expect(flow(["a", "bcdefgh", "i"], " ", 4)).toEqual(["a", "bcde", "fgh", "i"]);
});
