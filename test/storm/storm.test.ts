import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { freshSeed } from "../support/random.ts";

const STORM = fileURLToPath(new URL("./storm.ts", import.meta.url));

test.each([freshSeed(), freshSeed()])(
  "a thousand clients lock and write random keys: nothing is lost, nobody waits for ever, seed %i",
  async (seed) => {
    // Where it ends with another status, its output is in the error.
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", STORM, "1000", String(seed)]);
    process.stdout.write(`Storm: ${stdout}`);
    const [, sections, shared, circles] = /(\d+) sections, (\d+) shared, .*, (\d+) circles/.exec(stdout) ?? [];
    expect(Number(sections)).toBeGreaterThan(1_500);
    expect(Number(shared)).toBeGreaterThan(10);
    expect(Number(circles)).toBeGreaterThan(10);
  },
  120_000,
);
