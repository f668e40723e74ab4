/** Histories of servers that are right pass; with one answer changed, they do not. */
import { expect, test } from "@jest/globals";
import { check, report } from "../history/check.ts";
import { Example, type ExampleOptions } from "../history/example.ts";
import { freshSeed, seededRandom } from "../support/random.ts";

const PLAIN: ExampleOptions = {
  clients: 6,
  calls: 60,
  rooms: 2,
  keys: 4,
  watches: 6,
  isWitnessed: false,
  restarts: false,
  lost: 0,
};
const KINDS: Readonly<Record<string, Partial<ExampleOptions>>> = {
  "nothing is lost": {},
  "answers are lost": { lost: 8 },
  "answers are lost and servers restart": { lost: 8, restarts: true },
  "a witness follows": { lost: 8, restarts: true, isWitnessed: true },
};
const SEEDS = [...Array.from({ length: 20 }, (_, i) => i + 1), freshSeed()];

test.each(SEEDS.flatMap((seed) => Object.keys(KINDS).map((kind) => [seed, kind] as const)))(
  "seed %i, %s: a right history passes",
  (seed, kind) => {
    const history = new Example(seededRandom(seed), { ...PLAIN, ...KINDS[kind] }).run();
    expect(report(history, check(history))).toBe("");
  },
);

test("20 clients with 200 calls each are judged quickly", () => {
  const options = { ...PLAIN, clients: 20, calls: 200, rooms: 4, keys: 8, watches: 12 };
  for (const kind of Object.values(KINDS)) {
    const history = new Example(seededRandom(1), { ...options, ...kind }).run();
    const begun = performance.now();
    expect(report(history, check(history))).toBe("");
    console.info(`${history.events.length} events: ${Math.round(performance.now() - begun)} ms`);
  }
});
