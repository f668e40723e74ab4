/** Who may import whom, as one table, and the checker that holds a set of sources to it. */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import ts from "typescript";

/** `shipped`: whatever package.json lists under `dependencies`; `listed`: `devDependencies` too. */
type Packages = "shipped" | "listed" | readonly string[];

/** What a part may import beside its own files. Folders and files are named from the root. */
interface Rule {
  readonly files: readonly string[];
  readonly packages: Packages;
  readonly node: "any" | readonly string[];
}

/** `server.ts` alone puts the parts together; `main.ts` starts it and talks to the operator. */
const MAIN_SEES = [
  "server/arguments.ts",
  "server/config.ts",
  "server/foreground.ts",
  "server/operator.ts",
  "server/server.ts",
];

/** A file belongs to the longest name that it is or lies under. */
export const RULES: Readonly<Record<string, Rule>> = {
  protocol: { files: [], packages: ["valibot"], node: [] },

  "server/domain": { files: ["protocol", "server/engine/port.ts"], packages: [], node: ["crypto"] },
  "server/engine/port.ts": { files: ["protocol"], packages: [], node: [] },
  "server/engine/memory": {
    files: ["protocol", "server/engine/port.ts", "server/adapters/system-clock.ts"],
    packages: [],
    node: ["crypto"],
  },
  "server/transport": { files: ["protocol", "server/domain"], packages: "shipped", node: "any" },
  "server/dialects": { files: ["protocol", "server/domain"], packages: "shipped", node: "any" },
  "server/adapters": { files: ["protocol", "server/domain"], packages: "shipped", node: "any" },
  "server/config.ts": {
    files: ["protocol", "server/domain", "server/transport/origin.ts", "server/dialects/ports.ts"],
    packages: [],
    node: [],
  },
  "server/arguments.ts": { files: ["protocol", "server/config.ts"], packages: "shipped", node: "any" },
  "server/foreground.ts": { files: [], packages: [], node: "any" },
  "server/operator.ts": { files: ["server/server.ts"], packages: "shipped", node: "any" },
  "server/server.ts": { files: ["protocol", "server"], packages: "shipped", node: "any" },
  "server/main.ts": { files: MAIN_SEES, packages: "shipped", node: "any" },

  "client/sdk": { files: ["protocol"], packages: ["socket.io-client"], node: [] },
  "client/terminal": { files: ["protocol", "client/sdk"], packages: "shipped", node: "any" },
  "client/cli": { files: ["protocol", "client/sdk", "client/terminal"], packages: "shipped", node: "any" },
  "client/doctor": { files: ["protocol", "client/sdk", "client/terminal"], packages: [], node: "any" },
  "client/notices": { files: ["protocol", "client/sdk", "client/terminal"], packages: [], node: ["util"] },
  "client/live": {
    files: ["protocol", "client/sdk", "client/terminal", "client/notices"],
    packages: "shipped",
    node: "any",
  },
  "client/lines": {
    files: ["protocol", "client/sdk", "client/terminal", "client/notices"],
    packages: "shipped",
    node: "any",
  },
  "client/menu": {
    files: ["protocol", "client/sdk", "client/terminal", "client/notices", "client/live"],
    packages: "shipped",
    node: "any",
  },
  "client/main.ts": { files: ["protocol", "client"], packages: "shipped", node: "any" },

  docs: { files: ["protocol", "client/cli", "client/terminal"], packages: "listed", node: "any" },
  test: { files: ["protocol", "server", "client", "docs"], packages: "listed", node: "any" },
};

/** What package.json lists. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Path from the root → text. */
export type Sources = ReadonlyMap<string, string>;

/** A sentence for each import that breaks a rule. */
export function brokenRules(sources: Sources, manifest: Manifest): string[] {
  return [...sources].flatMap(([file, text]) => {
    const part = partOf(file);
    if (part === undefined) return [`${file} belongs to no part. Add a row to RULES, or move it.`];
    return imports(text)
      .filter((specifier) => !mayImport(part, file, specifier, manifest))
      .map((specifier) => `${file} may not import ${specifier}: ${part} sees ${sight(part)}.`);
  });
}

/** Each cycle of imports, types included, once: the files in order, the first again at the end. */
export function cycles(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(" → "));
    if (start >= 0 || done.has(file)) return;
    for (const next of relativeImports(file, sources)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return found;
}

function imports(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((reference) => reference.fileName);
}

function relativeImports(file: string, sources: Sources): string[] {
  return imports(sources.get(file) ?? "")
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => resolve(file, specifier))
    .filter((target) => sources.has(target));
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}

function isUnder(file: string, name: string): boolean {
  return file === name || file.startsWith(`${name}/`);
}

function partOf(file: string): string | undefined {
  const names = Object.keys(RULES).filter((name) => isUnder(file, name));
  return names.sort((a, b) => b.length - a.length)[0];
}

function mayImport(part: string, file: string, specifier: string, manifest: Manifest): boolean {
  const rule = RULES[part];
  if (rule === undefined) return false;
  if (specifier.startsWith(".")) {
    const target = resolve(file, specifier);
    return [part, ...rule.files].some((name) => isUnder(target, name));
  }
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
    const module = specifier.replace(/^node:/, "");
    return specifier.startsWith("node:") && (rule.node === "any" || rule.node.includes(module));
  }
  const name = packageName(specifier);
  const shipped = Object.hasOwn(manifest.dependencies, name);
  if (rule.packages === "listed") return shipped || Object.hasOwn(manifest.devDependencies, name);
  return shipped && (rule.packages === "shipped" || rule.packages.includes(name));
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function sight(part: string): string {
  const { files, packages, node } = RULES[part] ?? { files: [], packages: [], node: [] };
  const outside = typeof packages === "string" ? [`${packages} packages`] : packages;
  const builtins = node === "any" ? ["node:*"] : node.map((name) => `node:${name}`);
  return ["itself", ...files, ...outside, ...builtins].join(", ");
}
