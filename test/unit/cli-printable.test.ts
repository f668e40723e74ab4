import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { printable, printableJson } from "../../client/terminal/printable.ts";

test.each([
  ["Kolkata কলকাতা 東京 ñ", "Kolkata কলকাতা 東京 ñ"],
  ["a\nb\tc\rd", "a\\nb\\tc\\rd"],
  ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
  ["\u009b31m\u007f", "\\x9b31m\\x7f"],
  ["user\u202egnp.exe", "user\\u{202e}gnp.exe"],
  ["zero\u200bwidth\ufeff\u00ad\u2060", "zero\\u{200b}width\\u{feff}\\xad\\u{2060}"],
  ["line\u2028end\u3164", "line\\u{2028}end\\u{3164}"],
  ["\u{e0041}", "\\u{e0041}"],
  ["half \ud800", "half \\u{d800}"],
  ["❤️ 👩‍💻 👍🏽", "❤️ 👩‍💻 👍🏽"],
  ["a\ufe0f \u200d👩", "a\\u{fe0f} \\u{200d}👩"],
])("%j is shown as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("nothing that a terminal obeys gets through (seed 1603)", async () => {
  const texts = fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)), maxLength: 40 });
  await fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: "binary" })), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(printableJson({ text })).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(JSON.parse(printableJson({ text }))).toEqual({ text });
    }),
    { seed: 1603, numRuns: 500 },
  );
});

test("plain text stays as it is (seed 1604)", async () => {
  await fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
      expect(printable(text)).toBe(text);
    }),
    { seed: 1604 },
  );
});
