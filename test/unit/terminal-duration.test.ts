import { expect, test } from "@jest/globals";
import { readDuration } from "../../client/terminal/duration.ts";

test.each([
  ["0", 0],
  ["1500", 1_500],
  ["250ms", 250],
  ["10s", 10_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["2d", 172_800_000],
])("%s is %d ms", (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

test.each(["", "s", "-1", "1.5s", "1 s", "10S", "1h30m", "ten", "9".repeat(16), `${"9".repeat(12)}d`, "1constructor"])(
  "%j is no time",
  (text) => {
    expect(readDuration(text)).toBeUndefined();
  },
);
