import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareUtf8, fitsUtf8, quoted, utf8Bytes } from "../../protocol/text.ts";
import { freshSeed } from "../support/random.ts";
import { wildText } from "../support/texts.ts";

const seed = freshSeed();
const runs = { seed, numRuns: 2000 };

/** Characters on both sides of each place where the encodings change. */
const POINTS = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x103ff, 0x10400, 0x10ffff];
const CHARACTERS = POINTS.map((point) => String.fromCodePoint(point));

describe(`against Node's encoder, seed ${seed}`, () => {
  test("utf8Bytes counts the bytes", () => {
    for (const character of CHARACTERS) expect(utf8Bytes(character)).toBe(Buffer.byteLength(character));
    fc.assert(
      fc.property(wildText(40), (text) => expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))),
      runs,
    );
  });

  test("fitsUtf8 is exact at the limit and beside it", () => {
    fc.assert(
      fc.property(wildText(40), (text) => {
        const bytes = Buffer.byteLength(text);
        expect([bytes - 1, bytes, bytes + 1].map((limit) => fitsUtf8(text, limit))).toEqual([false, true, true]);
      }),
      runs,
    );
  });

  test("compareUtf8 orders as the bytes do", () => {
    const check = (a: string, b: string) =>
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const a of CHARACTERS) for (const b of CHARACTERS) check(a, b);
    fc.assert(
      fc.property(wildText(3), wildText(4), wildText(4), (common, a, b) => check(common + a, common + b)),
      runs,
    );
  });

  test("quoted is JSON of the same text, and nothing in it is unseen", () => {
    fc.assert(
      fc.property(wildText(20), (text) => {
        expect(JSON.parse(quoted(text))).toBe(text);
        expect(quoted(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      runs,
    );
  });
});

test("the order differs from that of JavaScript where surrogates are", () => {
  expect(compareUtf8("\uff5e", "😀")).toBeLessThan(0);
  expect("\uff5e" < "😀").toBe(false);
});

test("a text that cannot fit is not scanned", () => {
  expect(fitsUtf8("x".repeat(11), 10)).toBe(false);
  expect(fitsUtf8("", 0)).toBe(true);
});

test.each([
  ["plain ünïcode 😀", '"plain ünïcode 😀"'],
  ['a "quote"', '"a \\"quote\\""'],
  ["\u001b[31m", '"\\u001b[31m"'],
  ["\u009b31m\u007f", '"\\u009b31m\\u007f"'],
  ["\u202eevil\u2028", '"\\u202eevil\\u2028"'],
  ["\u{e0041}", '"\\udb40\\udc41"'],
  ["\ud800", '"\\ud800"'],
])("quoted(%j)", (text, expected) => {
  expect(quoted(text)).toBe(expected);
});
