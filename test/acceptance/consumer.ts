/**
 * The package as somebody else gets it: packed, and installed in a folder of its own.
 *
 * The tarball is npm's. Its dependencies are links to this checkout's, for a test must not need a registry;
 * only those that the package itself lists are linked, so that an import of anything else fails as it would there.
 */
import { type ExecFileOptions, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";

const execute = promisify(execFile);

/** Runs a command to its end. Rejects with all that it printed when it fails. */
export async function run(file: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  const { stdout } = await execute(file, args, { ...options, encoding: "utf8" }).catch((error: unknown) => {
    const { stdout, stderr } = v.parse(Failed, error);
    throw new Error(`${[file, ...args].join(" ")} failed:\n${stdout}${stderr}`);
  });
  return stdout;
}

const Failed = v.object({ stdout: v.string(), stderr: v.string() });
const Manifest = v.object({ files: v.array(v.string()), dependencies: v.record(v.string(), v.string()) });
const Packed = v.array(v.object({ filename: v.string(), files: v.array(v.object({ path: v.string() })) }));

export interface Consumer {
  /** The consumer's folder; the package is in its `node_modules/keyroom`. */
  readonly folder: string;
  readonly tarball: string;
  /** What the tarball holds. */
  readonly files: readonly string[];
  /** The command that npm has put in place for one of the package's `bin`s. */
  bin(name: string): string;
  remove(): Promise<void>;
}

export async function installPackage(): Promise<Consumer> {
  const root = await mkdtemp(join(tmpdir(), "keyroom-package-"));
  const folder = join(root, "consumer");
  const { tarball, files } = await pack(root);
  const installed = join(folder, "node_modules", "keyroom");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  await linkDependencies(installed, join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { keyroom: "*" } }));
  // Makes the commands as an installation does.
  await run("npm", ["rebuild", "--ignore-scripts", "--offline", "--no-audit"], { cwd: folder });
  return {
    folder,
    tarball,
    files,
    bin: (name) => join(folder, "node_modules", ".bin", name),
    remove: () => rm(root, { recursive: true }),
  };
}

/** Builds beside the checkout, not in it: another test may be using its `dist`. */
async function pack(root: string): Promise<{ tarball: string; files: string[] }> {
  const source = join(root, "source");
  const { files } = v.parse(Manifest, JSON.parse(await readFile("package.json", "utf8")));
  const wanted = files.filter((file) => file !== "dist" && !file.startsWith("!"));
  for (const file of ["package.json", "README.md", "LICENSE", ...wanted].filter(existsSync)) {
    await mkdir(dirname(join(source, file)), { recursive: true });
    await cp(file, join(source, file), { recursive: true });
  }
  await run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), ...buildInto(join(source, "dist"))]);
  const report = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", root], {
    cwd: source,
  });
  const [packed] = v.parse(Packed, JSON.parse(report));
  if (packed === undefined) throw new Error("npm packed nothing");
  return { tarball: join(root, packed.filename), files: packed.files.map(({ path }) => path) };
}

function buildInto(folder: string): string[] {
  return ["--project", "tsconfig.build.json", "--outDir", folder];
}

async function linkDependencies(installed: string, modules: string): Promise<void> {
  const { dependencies } = v.parse(Manifest, JSON.parse(await readFile(join(installed, "package.json"), "utf8")));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(resolve("node_modules", name), join(modules, name));
  }
}
