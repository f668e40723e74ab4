import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { freshSeed } from "../support/random.ts";

const STORM = fileURLToPath(new URL("./json-storm.ts", import.meta.url));

test.each([freshSeed(), freshSeed()])(
  "a thousand connections lock, write and break at random: nothing is lost, half done or left, seed %i",
  async (seed) => {
    // Where it ends with another status, its output is in the error.
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", STORM, "1000", String(seed)]);
    process.stdout.write(`JSON storm: ${stdout}`);
    const figures =
      /(\d+) sections, (\d+) shared, .*, (\d+) circles, .*, (\d+) looks, (\d+) peeks, (\d+) late, (\d+) broken/;
    const [sections, shared, circles, looks, peeks, late, broken] = (figures.exec(stdout) ?? []).slice(1).map(Number);
    expect(sections).toBeGreaterThan(1_200);
    expect(shared).toBeGreaterThan(10);
    expect(circles).toBeGreaterThan(10);
    expect(looks).toBeGreaterThan(200);
    expect(peeks).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(50);
    expect(broken).toBeGreaterThan(50);
  },
  120_000,
);
