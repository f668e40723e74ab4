/**
 * Builds Keyroom and this program, and runs what was built, as `npm run bench` does and for the same reason.
 *
 *     npm run compare               some ten minutes; writes docs/comparison.md and its charts
 *     npm run compare -- --short    a minute; the same report from fewer figures
 *     npm run compare -- --out DIR  writes the report there
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function node(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

process.stderr.write("Building dist …\n");
node("node_modules/typescript/bin/tsc", "-p", "test/compare/tsconfig.build.json");
node("dist/test/compare/compare.js", ...process.argv.slice(2));
