import { describe, expect, test } from "@jest/globals";
import { DOOR_IDS, DOORS } from "../compare/doors.ts";
import { rangeOf } from "../compare/report/ports.ts";
import { report } from "../compare/report/report.ts";
import type { Results } from "../compare/results.ts";
import { RUN, resultsOf } from "../support/comparison-run.ts";

const textOf = (results: Results): string => report(results, RUN)["comparison.md"] ?? "";
const MEASURED = resultsOf((door) => 1 + DOOR_IDS.indexOf(door));

test("names every door, the run's machine and versions, and each of its charts", () => {
  const files = report(MEASURED, RUN);
  const text = files["comparison.md"] ?? "";
  for (const door of DOOR_IDS) expect(text).toContain(`| ${DOORS[door].name} |`);
  for (const word of ["Some Processor", "2 cores", "8 GiB", "v20.19.0", "ws 8.0.0"]) expect(text).toContain(word);
  const linked = [...text.matchAll(/\]\(([^)]+\.svg)\)/g)].map(([, file]) => file);
  expect(Object.keys(files).filter((file) => file.endsWith(".svg"))).toEqual(expect.arrayContaining(linked));
  expect(linked).toHaveLength(Object.keys(files).length - 1);
});

test("is the same for the same results", () => {
  expect(report(MEASURED, RUN)).toEqual(report(MEASURED, RUN));
});

test("turns its sentences with the figures", () => {
  const words = (results: Results): string => textOf(results).replaceAll(/[\d.,]+ (?:µs|ms|s|B)\b|[\d.,]+/g, "#");
  const turned = resultsOf((door) => 10 - DOOR_IDS.indexOf(door));
  expect(words(MEASURED)).toContain("TCP text takes less time than WebSocket text for a get: # against #");
  expect(words(turned)).toContain("TCP text takes more time than WebSocket text for a get: # against #");
  expect(words(resultsOf(() => 2))).toContain("TCP text takes about as much time as WebSocket text for a get");
});

test("says so where a race had no winner, nothing was lost, or nothing could be seen to be", () => {
  expect(textOf(MEASURED)).toContain("100 times: each time exactly one of them got it.");
  expect(textOf({ ...MEASURED, names: { times: 100, oneWinner: 99 } })).toContain("which is a fault");
  const lucky = MEASURED.counts.map((count) => ({ ...count, lost: [0] }));
  expect(textOf({ ...MEASURED, counts: lucky })).toContain("that is luck");
  expect(textOf(MEASURED)).toContain("Programs that count in one key lose steps with “carelessly”");
});

describe("where figures are missing", () => {
  const nothing: Results = {
    ...MEASURED,
    work: [],
    crowds: [],
    setUps: [],
    memory: [],
    notices: [],
    together: [],
    counts: [],
    ports: [],
    failures: ["Everything: it went wrong."],
  };
  const withoutJson: Results = {
    ...MEASURED,
    work: MEASURED.work.filter(({ door }) => door !== "ws-json"),
    notices: MEASURED.notices.filter(({ door }) => door !== "ws-json"),
  };

  test.each([
    ["all", nothing],
    ["one door", withoutJson],
  ])("it is written all the same: %s", (_, results) => {
    for (const file of Object.values(report(results, RUN))) {
      expect(file).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    }
  });

  test("it says what could not be measured", () => {
    expect(textOf(nothing)).toContain("- Everything: it went wrong.");
    expect(textOf(nothing)).toContain("TCP text and WebSocket text could not be measured in this run.");
  });
});

test("a short run says that it is one, and a busy machine that it was busy", () => {
  expect(textOf(MEASURED)).not.toMatch(/not the long form|was not idle/);
  expect(textOf({ ...MEASURED, form: "short", rounds: 1 })).toMatch(/not the long form/);
  expect(report(MEASURED, { ...RUN, load: { before: 3, after: 4 } })["comparison.md"]).toMatch(/was not idle/);
});

test("ports belong to the ranges of IANA", () => {
  expect([0, 1_023, 1_024, 49_151, 49_152, 65_535].map(rangeOf)).toEqual([
    ...["well-known", "well-known", "registered", "registered", "ephemeral", "ephemeral"],
  ]);
});
