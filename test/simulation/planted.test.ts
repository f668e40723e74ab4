/** The simulation can fail: it finds each planted bug, though it cannot read which one is on; with none, all is well. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { VALIDATORS } from "../history/check.ts";
import { HEALTHY } from "./plant.ts";
import { PLANTED } from "./planted/list.ts";
import type { Planted } from "./planted/planted.ts";
import { simulate } from "./simulate.ts";

/** Of the world itself; the others judge its history. */
const OWN_VALIDATORS = ["bounded", "noticed", "sound"];
/** Enough for each bug; the same ones every time. */
const MOST_SEEDS = 200;
const MOST_MS = 20_000;

interface Found {
  readonly bug: string;
  readonly seeds: number;
  readonly ms: number;
}

const found: Found[] = [];

test.each(PLANTED)("found: $bug", async (planted) => {
  const result = await find(planted);
  found.push(result);
  expect(result.seeds).toBeLessThanOrEqual(MOST_SEEDS);
  expect(result.ms).toBeLessThan(MOST_MS);
});

test("with none planted, the same seeds pass", async () => {
  const most = Math.max(...found.map(({ seeds }) => seeds));
  for (let seed = 1; seed <= most; seed++) {
    const { violations } = await simulate(seed, HEALTHY);
    expect([seed, violations]).toEqual([seed, []]);
  }
});

test("the rules list each planted bug with the validator that finds it", () => {
  const spec = readFileSync(new URL("../../protocol/SPEC.md", import.meta.url), "utf8");
  const rows = [...spec.matchAll(/^\| ([^|]+) \| ([P\d, ]+) \| `(\w+)` \|$/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(PLANTED.map(({ bug, promises, validator }) => [bug, promises, validator]));
  const known = [...VALIDATORS.map(({ name }) => name), ...OWN_VALIDATORS];
  expect(PLANTED.filter(({ validator }) => !known.includes(validator))).toEqual([]);
});

afterAll(() => {
  const rows = found.map(({ bug, seeds, ms }) => {
    const validator = PLANTED.find((planted) => planted.bug === bug)?.validator ?? "";
    return `${validator.padEnd(13)} ${String(seeds).padStart(3)} seeds ${ms.toFixed(0).padStart(6)} ms  ${bug}`;
  });
  const total = found.reduce((sum, { ms }) => sum + ms, 0);
  const sum = `${found.length} of ${PLANTED.length} planted bugs found in ${(total / 1_000).toFixed(1)} s`;
  process.stdout.write(`${[...rows, sum].join("\n")}\n`);
});

/** Runs seeds until the bug's own validator speaks. */
async function find({ bug, validator, plant: put }: Planted): Promise<Found> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const { plant, undo } = put();
  try {
    let seeds = 0;
    let isFound = false;
    while (!isFound && seeds <= MOST_SEEDS && elapsed() < MOST_MS) {
      const { violations } = await simulate(++seeds, plant);
      isFound = violations.some((violation) => violation.validator === validator);
    }
    return { bug, seeds: isFound ? seeds : MOST_SEEDS + 1, ms: elapsed() };
  } finally {
    undo();
  }
}
