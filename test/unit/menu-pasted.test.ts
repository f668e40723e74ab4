import { expect, test } from "@jest/globals";
import { longText } from "../../client/menu/long-text.ts";
import { pasted, pastedSecret } from "../../client/menu/pasted.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";

test("a line is taken as it is, without the line break behind it and what a terminal would obey", () => {
  expect(pasted("Kolkata ")).toEqual({ text: "Kolkata " });
  expect(pasted("\x1b[31mKol\tkata\x07\x9b\r\n\n")).toEqual({ text: "Kol kata" });
  expect(pasted("\n")).toEqual({ text: "" });
});

test.each(["\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\v", "\f"])(
  "lines that end with %j are joined",
  (end) => {
    const sentence = "The 3 pasted lines were joined by spaces. Or edit.";
    expect(pasted(["a", "", "b", ""].join(end), undefined, "Or edit.")).toEqual({ text: "a  b", sentence });
  },
);

test("of a secret the first line is taken", () => {
  expect(pastedSecret("open sesame\r\n")).toEqual({ text: "open sesame" });
  expect(pastedSecret("open\nsesame")).toEqual({
    text: "open",
    sentence: "Only the first of the pasted lines was taken.",
  });
});

test("what is too long is left out, by its bytes", () => {
  const { valueBytes } = FIXED_LIMITS;
  const most = "é".repeat(valueBytes / 2);
  expect(pasted(most, valueBytes)).toEqual({ text: most });
  expect(pasted(`${most}x`, valueBytes)).toMatchObject({
    text: "",
    sentence: expect.stringMatching(/1 MiB.* load\.$/),
  });
  expect(pasted("x".repeat(1_025))).toMatchObject({ text: "", sentence: expect.stringMatching(/too long/) });
  expect(pastedSecret("x".repeat(1_025))).toMatchObject({ text: "", sentence: expect.stringMatching(/too long/) });
});

test("of a long answer its beginning and its end are shown, and how long it is", () => {
  expect(longText("x".repeat(100), 20, 10)).toBe(`${"x".repeat(100)}\x1b[?25h`);
  const text = `${"x".repeat(100)}${"y".repeat(20)}`;
  expect(longText(text, 20, 10)).toBe(`${"x".repeat(19)}…${"y".repeat(20)} (120 characters)\x1b[?25l`);
  expect(longText("😀".repeat(60).slice(1), 20, 10)).not.toMatch(/…[\udc00-\udfff]/);
});
