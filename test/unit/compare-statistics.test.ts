import { describe, expect, test } from "@jest/globals";
import { compare, latencyOf, spreadOf } from "../compare/statistics.ts";

describe("a spread", () => {
  test("has the middle and the extremes, whatever the order", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
    expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
  });

  test("is none where there is no figure", () => {
    expect(spreadOf([])).toBeNull();
    expect(spreadOf([Number.NaN, Number.POSITIVE_INFINITY])).toBeNull();
    expect(spreadOf([Number.NaN, 4])).toEqual({ median: 4, low: 4, high: 4 });
  });
});

test("a latency is told by what half, 95 and 99 of 100 stay below", () => {
  const times = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(latencyOf(times)).toEqual({ p50: 51, p95: 96, p99: 100 });
});

describe("two spreads", () => {
  const at = (median: number, low = median, high = median) => ({ median, low, high });

  test("are in an order where their ranges are apart and the factor says something", () => {
    expect(compare(at(10, 9, 11), at(20, 19, 21))).toEqual({ kind: "less", factor: 2 });
    expect(compare(at(20, 19, 21), at(10, 9, 11))).toEqual({ kind: "more", factor: 2 });
  });

  test("are alike where their ranges meet", () => {
    expect(compare(at(10, 9, 19), at(20, 19, 21))).toEqual({ kind: "alike", because: "spread" });
    expect(compare(at(20, 15, 21), at(10, 9, 16))).toEqual({ kind: "alike", because: "spread" });
  });

  test("are alike where one is hardly above the other", () => {
    expect(compare(at(100), at(109))).toEqual({ kind: "alike", because: "near" });
    expect(compare(at(109), at(100))).toEqual({ kind: "alike", because: "near" });
    expect(compare(at(100), at(110))).toEqual({ kind: "less", factor: 1.1 });
    expect(compare(at(0), at(0))).toEqual({ kind: "alike", because: "near" });
  });
});
