import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { freshSeed } from "../support/random.ts";
import { growth } from "./heap-growth.ts";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const seed = freshSeed();

// 200 clients would take both cores of a small machine from the tests beside this one.
test(`a short soak of 60 clients breaks no promise, seed ${seed}`, async () => {
  const args = ["--import", "tsx", RUN, "--seconds", "20", "--clients", "60", "--seed", String(seed)];
  // Where it ends with another status, its output is in the error.
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const summary = /^In all (.*)\.$/m.exec(stdout)?.[1] ?? stdout;
  process.stdout.write(`Soak: ${summary}.\n`);
  expect(summary).toMatch(/, 0 violations$/);
  expect(stdout).toMatch(/2 × restart/);
}, 120_000);

describe("the heap's growth", () => {
  const life = (number: number, sizes: readonly number[], isFull = true) =>
    sizes.map((bytes) => ({ life: number, isFull, bytes }));

  test("is told of each life that is long enough, from its first half to its second", () => {
    expect(growth([...life(0, [1, 1]), ...life(1, [10, 10, 10, 20, 20]), ...life(2, [7])])).toEqual([1, 2]);
  });

  test("begins when the logs are full", () => {
    expect(growth([...life(0, [1, 2, 3], false), ...life(0, [8, 8])])).toEqual([1]);
  });
});
