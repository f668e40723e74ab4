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
  ["90 s", 90_000],
  [" 10 min ", 600_000],
  ["1.5 S", 1_500],
  ["2 hours", 7_200_000],
  ["1 minute", 60_000],
  ["3 secs", 3_000],
  ["7 days", 604_800_000],
  ["0.4ms", 0],
])("%s is %d ms", (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

test.each([
  "",
  "s",
  "-1",
  "1.5.1s",
  "1. s",
  "10 S s",
  "10 mss",
  "1e3",
  "1h30m",
  "ten",
  "9".repeat(16),
  `${"9".repeat(12)}d`,
  "1constructor",
])("%j is no time", (text) => {
  expect(readDuration(text)).toBeUndefined();
});
