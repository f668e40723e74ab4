/** Runs all doors side by side and writes what it found. Arguments: `--short`, `--out DIR`; see `run.ts`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { FORMS, type FormName } from "./forms.ts";
import { load, readMachine, readSystemPorts } from "./machine.ts";
import { measureAll } from "./measure-all.ts";
import { Progress } from "./progress.ts";
import { report } from "./report/report.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    // For the tests: everything once, with hardly any figures.
    shortest: { type: "boolean", default: false },
    out: { type: "string", default: "docs" },
  },
});
const form: FormName = values.shortest ? "shortest" : values.short ? "short" : "long";

const began = new Date();
const loadBefore = load();
const progress = new Progress(process.stderr);
const results = await measureAll(form, progress);
const run = {
  began: began.toISOString().slice(0, 10),
  tookS: performance.now() / 1_000,
  load: { before: loadBefore, after: load() },
  machine: readMachine(),
  systemPorts: readSystemPorts(),
  form: FORMS[form],
};
const files = report(results, run);
for (const [name, text] of Object.entries(files)) {
  const file = join(values.out, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
progress.end(`Wrote ${join(values.out, "comparison.md")} after ${run.tookS.toFixed(0)} s.`);
