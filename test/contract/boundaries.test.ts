import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { brokenRules, cycles, type Manifest, type Sources } from "./boundaries.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

const project: Sources = new Map(
  ["protocol", "server", "client", "test", "docs"]
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`))
    .filter((file) => /\.[cm]?tsx?$/.test(file))
    .map((file) => [file, readFileSync(file, "utf8")]),
);

test("every import in the project keeps to the table", () => {
  expect(project.size).toBeGreaterThan(20);
  expect(brokenRules(project, manifest)).toEqual([]);
});

test("no file imports itself by way of others", () => {
  expect(cycles(project)).toEqual([]);
});

/** One file each, and an import that it may not have. The linter must see them too, so that an editor does. */
const FORBIDDEN: readonly (readonly [file: string, specifier: string])[] = [
  ["protocol/a.ts", "node:crypto"],
  ["protocol/b.ts", "../server/domain/clock.ts"],
  ["protocol/c.ts", "socket.io-client"],
  ["server/domain/a.ts", "node:fs"],
  ["server/domain/b.ts", "pino"],
  ["server/domain/c.ts", "../engine/memory/engine.ts"],
  ["server/domain/d.ts", "../transport/door.ts"],
  ["server/engine/port.ts", "./memory/engine.ts"],
  ["server/engine/memory/a.ts", "../../domain/clock.ts"],
  ["server/engine/memory/b.ts", "node:fs"],
  ["server/transport/a.ts", "../engine/port.ts"],
  ["server/transport/b.ts", "../server.ts"],
  ["server/dialects/a.ts", "../transport/door.ts"],
  ["server/adapters/a.ts", "../transport/door.ts"],
  ["server/main.ts", "../client/sdk/index.ts"],
  ["server/server.ts", "typescript"],
  ["server/config.ts", "../test/support/seed.ts"],
  ["client/sdk/a.ts", "node:buffer"],
  ["client/sdk/b.ts", "inquirer"],
  ["client/sdk/c.ts", "../terminal/colour.ts"],
  ["client/terminal/a.ts", "../menu/menu.ts"],
  ["client/cli/a.ts", "../menu/menu.ts"],
  ["client/cli/b.ts", "../../server/server.ts"],
  ["client/doctor/a.ts", "../cli/run.ts"],
  ["client/menu/a.ts", "../cli/run.ts"],
  ["client/menu/b.ts", "@inquirer/testing"],
  ["client/main.ts", "../server/config.ts"],
];

describe("a forbidden import is caught", () => {
  const seenByLint = lint(FORBIDDEN);

  test.each(FORBIDDEN)("%s ← %s", (file, specifier) => {
    const source = new Map([[file, importing(specifier)]]);
    expect(brokenRules(source, manifest)).toEqual([expect.stringContaining(`${file} may not import ${specifier}`)]);
    expect(seenByLint).toContain(file);
  });

  test.each([
    ["re-exported", `export * from "../menu/menu.ts";`],
    ["as a type", `import type { Menu } from "../menu/menu.ts";`],
    ["later", `const menu = await import("../menu/menu.ts");`],
    ["within a type", `type Menu = import("../menu/menu.ts").Menu;`],
    ["by a built-in's old name", `import "fs";`],
    ["from a package nobody listed", `import "left-pad";`],
  ])("%s", (_how, text) => {
    expect(brokenRules(new Map([["client/cli/a.ts", text]]), manifest)).toHaveLength(1);
  });

  test("in a file that belongs to no part", () => {
    expect(brokenRules(new Map([["server/extras/a.ts", ""]]), manifest)).toEqual([expect.stringContaining("no part")]);
  });
});

test("what the table allows, the linter allows", () => {
  const allowed = [
    ["protocol/a.ts", "valibot"],
    ["protocol/b.ts", "./text.ts"],
    ["server/domain/a.ts", "node:crypto"],
    ["server/domain/b.ts", "../engine/port.ts"],
    ["server/domain/c.ts", "../../protocol/text.ts"],
    ["server/engine/memory/a.ts", "../port.ts"],
    ["server/engine/memory/b.ts", "../../../protocol/text.ts"],
    ["server/transport/a.ts", "../domain/clock.ts"],
    ["server/transport/b.ts", "socket.io"],
    ["server/adapters/a.ts", "node:fs/promises"],
    ["server/server.ts", "./engine/memory/engine.ts"],
    ["client/sdk/a.ts", "socket.io-client"],
    ["client/menu/a.ts", "../terminal/colour.ts"],
    ["client/cli/a.ts", "../sdk/index.ts"],
    ["client/main.ts", "./menu/menu.ts"],
  ] as const;
  expect(brokenRules(new Map(allowed.map(([file, to]) => [file, importing(to)])), manifest)).toEqual([]);
  expect(lint(allowed)).toEqual([]);
});

test("a cycle is caught, through types too", () => {
  const ring = new Map([
    ["protocol/a.ts", `import type { B } from "./b.ts";`],
    ["protocol/b.ts", `export * from "./c.ts";`],
    ["protocol/c.ts", `import { a } from "./a.ts";`],
    ["protocol/d.ts", `import { a } from "./a.ts";`],
  ]);
  expect(cycles(ring)).toEqual(["protocol/a.ts → protocol/b.ts → protocol/c.ts → protocol/a.ts"]);
});

function importing(specifier: string): string {
  return `import * as it from "${specifier}";\nit.use();\n`;
}

/** The files whose imports biome refuses under this project's configuration. */
function lint(files: readonly (readonly [file: string, specifier: string])[]): string[] {
  const root = mkdtempSync(join(tmpdir(), "keyroom-lint-"));
  try {
    for (const config of ["biome.json", "package.json"]) copyFileSync(config, join(root, config));
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
    for (const [file, specifier] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), importing(specifier));
    }
    const biome = resolve("node_modules/@biomejs/biome/bin/biome");
    const run = spawnSync(process.execPath, [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."], {
      cwd: root,
      encoding: "utf8",
    });
    const report = JSON.parse(run.stdout) as { diagnostics: { category: string; location: { path: string } }[] };
    return report.diagnostics
      .filter(({ category }) => /noRestrictedImports|noUndeclaredDependencies/.test(category))
      .map(({ location }) => location.path);
  } finally {
    rmSync(root, { recursive: true });
  }
}
