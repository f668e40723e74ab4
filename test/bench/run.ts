/**
 * Builds Keyroom and the benchmark, and runs what was built: run from TypeScript, each inner function would carry a call
 * that keeps its name, and what is called often would look slower than it is.
 *
 *     npm run bench                         measures and compares with baseline.json
 *     npm run bench -- --save               also writes baseline.json
 *     npm run bench -- in-flight notice     only these; see PARTS of bench.ts
 *
 * Where the time goes: `node --cpu-prof --cpu-prof-dir=DIR dist/test/bench/bench.js PART`, a profile for each process.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function node(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

process.stdout.write("Building dist …\n");
node("node_modules/typescript/bin/tsc", "-p", "test/bench/tsconfig.build.json");
node("dist/test/bench/bench.js", ...process.argv.slice(2));
