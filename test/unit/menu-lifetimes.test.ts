import { Separator } from "@inquirer/core";
import { expect, test } from "@jest/globals";
import { lifetimesFor } from "../../client/menu/lifetime-action.ts";

/** What is offered for it: values, or what is said instead. */
function offered(typed: string): readonly string[] {
  return lifetimesFor(typed).map((it) => (Separator.isSeparator(it) ? it.separator : it.value));
}

test.each([
  ["90 s", 90_000],
  ["90s", 90_000],
  ["10 min", 600_000],
  ["5m", 300_000],
  ["250 ms", 250],
  ["2 hours", 7_200_000],
  ["1.5 h", 5_400_000],
  ["7 d", 604_800_000],
  ["366 days", 31_622_400_000],
] as const)("%j is a time, and the first that is offered", (typed, ms) => {
  expect(lifetimesFor(typed)[0]).toMatchObject({ value: String(ms), name: typed });
});

test("a part of a usual one finds it, and its time is not offered twice", () => {
  expect(offered("hour")).toEqual(["3600000"]);
  expect(offered("nev")).toEqual(["never"]);
  expect(offered("1 minute")).toEqual(["60000"]);
});

test.each(["0 s", "367 d", "0.0001 s"])("%j is too short or too long, and that is said", (typed) => {
  expect(offered(typed)).toEqual(["From a moment to 366 days."]);
});

test.each(["90", "soon", "-5 s", "1 h 30"])("%j is no time, and what is one is said", (typed) => {
  expect(offered(typed)).toEqual(["Type a number and s, min, h or d, such as 90 s."]);
});
