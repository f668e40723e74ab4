import { describe, expect, test } from "@jest/globals";
import { bytes, figure, listed, spread, table, time } from "../compare/report/format.ts";
import { comparison, ranking } from "../compare/report/sentences.ts";
import { freshSeed, seededRandom } from "../support/random.ts";

const at = (name: string, median: number, low = median, high = median) => ({ name, figures: { median, low, high } });
const TIME = { verb: "takes", noun: "time", of: "for a get", format: time };
const BYTES = { verb: "carries", noun: "bytes", isCounted: true, format: bytes };

describe("a comparison", () => {
  test("says less where it is less, and more where it is more", () => {
    const [quick, slow] = [at("TCP", 0.09, 0.08, 0.1), at("WebSocket", 0.18, 0.17, 0.2)];
    expect(comparison(quick, slow, TIME)).toBe(
      "TCP takes less time than WebSocket for a get: 90 µs against 180 µs, a factor of 2.",
    );
    expect(comparison(slow, quick, TIME)).toBe(
      "WebSocket takes more time than TCP for a get: 180 µs against 90 µs, a factor of 2.",
    );
  });

  test("counts what can be counted, and begins with a capital", () => {
    expect(comparison(at("asking", 30), at("being told", 90), BYTES)).toBe(
      "Asking carries fewer bytes than being told: 30 B against 90 B, a factor of 3.",
    );
  });

  test("names no order that the figures do not have, and says why", () => {
    expect(comparison(at("TCP", 1, 0.5, 3), at("WebSocket", 2, 1, 4), TIME)).toBe(
      "TCP takes about as much time as WebSocket for a get: 1 ms and 2 ms, which the spread of the rounds does not tell apart.",
    );
    expect(comparison(at("TCP", 100), at("WebSocket", 105), BYTES)).toBe(
      "TCP carries about as many bytes as WebSocket: 100 B and 105 B, less than a tenth apart.",
    );
  });

  test("says what was not measured", () => {
    expect(comparison({ name: "TCP", figures: null }, at("WebSocket", 1), TIME)).toBe(
      "TCP could not be measured in this run.",
    );
  });

  test.each([freshSeed()])("agrees with the figures, whatever they are (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const some = (name: string) => {
      const [low = 0, median = 0, high = 0] = [1, 2, 3].map(() => 10 * random.next() + 0.1).toSorted((a, b) => a - b);
      return at(name, median, low, high);
    };
    for (let i = 0; i < 500; i++) {
      const [a, b] = [some("A"), some("B")];
      const said = comparison(a, b, BYTES);
      if (said.includes(" fewer ")) expect(a.figures.high).toBeLessThan(b.figures.low);
      else if (said.includes(" more ")) expect(a.figures.low).toBeGreaterThan(b.figures.high);
      else expect(said).toContain(" about as many ");
    }
  });
});

describe("a ranking", () => {
  test("begins with the least, and leaves out what was not measured", () => {
    const all = [at("C", 30), at("A", 10), { name: "X", figures: null }, at("B", 20)];
    expect(ranking(all, bytes)).toBe("From the least to the most: A (10 B), B (20 B) and C (30 B).");
    expect(ranking([], bytes)).toBe("None of them could be measured in this run.");
  });
});

describe("a figure", () => {
  test("has three digits, or is whole", () => {
    const written = [0, 0.00123, 0.0996, 1, 12.345, 999.4, 999.6, 12_345.6, Number.NaN].map(figure);
    expect(written).toEqual(["0", "0.00123", "0.0996", "1", "12.3", "999", "1,000", "12,346", "—"]);
  });

  test("of time has a unit that suits it", () => {
    expect([0.0456, 0.9994, 1, 999.4, 1_000, 12_340].map(time)).toEqual([
      ...["45.6 µs", "999 µs", "1 ms", "999 ms", "1 s", "12.3 s"],
    ]);
  });

  test("has its spread behind it, where there is one", () => {
    expect(spread({ median: 2, low: 1, high: 3 }, bytes)).toBe("2 B (1 B–3 B)");
    expect(spread({ median: 2, low: 2, high: 2 })).toBe("2");
    expect(spread(null)).toBe("—");
  });
});

test("words are listed, and cells set in a table", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
  expect(table(["", "n"], [["a", "1"]])).toBe("|  | n |\n|---|--:|\n| a | 1 |");
});
