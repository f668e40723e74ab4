import { readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { type Figures, tellGoal } from "./figures.ts";

/** In the sources; this runs in `dist/test/bench`. */
const FILE = new URL("../../../test/bench/baseline.json", import.meta.url);
const Baseline = v.record(v.string(), v.number());

/** Figures of parts that were not run are kept. */
export function saveBaseline(figures: Figures): void {
  const ratios = Object.entries(figures).map(([name, { ratio }]) => [name, Number(ratio.toPrecision(3))]);
  writeFileSync(FILE, `${JSON.stringify({ ...readBaseline(), ...Object.fromEntries(ratios) }, null, 2)}\n`);
}

export function compareWithBaseline(figures: Figures): void {
  const baseline = readBaseline();
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  process.stdout.write(`${"Keyroom : bare".padEnd(width)}      now  baseline\n`);
  for (const [name, figure] of Object.entries(figures)) {
    const before = baseline[name]?.toFixed(3) ?? "new";
    const line = `${name.padEnd(width)} ${figure.ratio.toFixed(3).padStart(8)}  ${before.padStart(8)}  ${tellGoal(figure)}`;
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

function readBaseline(): Readonly<Record<string, number>> {
  return v.parse(Baseline, JSON.parse(readFileSync(FILE, "utf8")));
}
