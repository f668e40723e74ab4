import { expect, test } from "@jest/globals";
import { bar, rateLines } from "../../client/live/bars.ts";
import { Rates } from "../../client/live/rates.ts";
import { NOON } from "../support/live.ts";

const S = 1_000;

function add(rates: Rates, room: string, at: number, times: number, now = at): void {
  for (let i = 0; i < times; i++) rates.add(room, at, now);
}

test("counts of the last whole seconds, the busiest room first; what goes on is not counted yet", () => {
  const rates = new Rates();
  add(rates, "cleo", NOON, 1);
  for (let s = 0; s < 10; s++) add(rates, "bob", NOON + s * S, s);
  add(rates, "bob", NOON + 10 * S, 100);
  expect(rates.of(NOON + 10 * S + 999)).toEqual([
    { room: "bob", counts: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], perSecond: 7.5 },
    { room: "cleo", counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], perSecond: 0 },
  ]);
  expect(rates.of(NOON + 11 * S).map(({ room }) => room)).toEqual(["bob"]);
  expect(rates.of(NOON + 30 * S)).toEqual([]);
});

test("changes that come late, as after a pause, count when they happened; those too old do not", () => {
  const rates = new Rates();
  add(rates, "bob", NOON, 1);
  for (let s = 0; s < 60; s++) add(rates, "bob", NOON + s * S, 5, NOON + 60 * S);
  add(rates, "bob", NOON + 45 * S, 7, NOON + 60 * S);
  expect(rates.of(NOON + 60 * S)[0]?.counts).toEqual(Array.from({ length: 10 }, () => 5));
});

test.each([[-3_600 * S], [+3_600 * S]])("a server's clock that is off by %d ms changes nothing", (off) => {
  const rates = new Rates();
  add(rates, "bob", NOON + off, 3, NOON);
  add(rates, "bob", NOON + off + S, 4, NOON + S);
  expect(rates.of(NOON + 2 * S)[0]?.counts.slice(-2)).toEqual([3, 4]);
  expect(rates.delayMs).toBe(0 - off);
});

test("rooms that are quiet are forgotten, and may come back", () => {
  const rates = new Rates();
  add(rates, "bob", NOON, 1);
  expect(rates.of(NOON + 60 * S)).toEqual([]);
  add(rates, "bob", NOON + 61 * S, 2);
  expect(rates.of(NOON + 62 * S)[0]?.counts.at(-1)).toBe(2);
});

test("a bar shows the least there is and leaves nothing blank; digits where blocks cannot be shown", () => {
  expect(bar([0, 1, 50, 100, 400, 800], 800, true)).toBe(" ▁▁▁▄█");
  expect(bar([0, 1, 50, 100, 400, 900], 900, false)).toBe(" 11149");
});

test("as many rooms as fit, by name, the busiest and then quiet ones", () => {
  const rate = (room: string, perSecond: number) => ({
    room,
    perSecond,
    counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, perSecond],
  });
  const rates = [rate("zoe", 1234), rate("bob", 617), rate("too many", 1)];
  const shown = (columns: number, lines: number) =>
    rateLines(rates, ["zoe", "quiet"], { columns, lines, isUnicode: true });
  expect(shown(79, 1)).toEqual(["bob                   ▄   617/s   zoe                   █ 1,234/s"]);
  expect(shown(39, 2)).toEqual(["bob                   ▄   617/s", "zoe                   █ 1,234/s"]);
  expect(shown(79, 3).map((line) => line.slice(0, 12).trim())).toEqual(["bob", "too many"]);
  expect(shown(79, 3)[1]).toContain("zoe");
  expect(rateLines([], ["quiet"], { columns: 39, lines: 2, isUnicode: true })).toEqual([
    "quiet                       0/s",
  ]);
});
