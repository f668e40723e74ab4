/** On what a run was made. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import * as v from "valibot";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = ["socket.io", "socket.io-client", "ws"] as const;
const Package = v.object({ version: v.string() });

export function readMachine(): Machine {
  const require = createRequire(import.meta.url);
  const versions = PACKAGES.map((name) => [name, v.parse(Package, require(`${name}/package.json`)).version]);
  return {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    packages: Object.fromEntries(versions),
  };
}

/** How many processes wanted to run at a time in the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** From which ports the system takes those of clients, and from which on everybody may listen; null where it is no Linux. */
export interface SystemPorts {
  readonly ephemeral: { readonly lowest: number; readonly highest: number } | null;
  readonly unprivileged: number | null;
}

export function readSystemPorts(): SystemPorts {
  const [lowest, highest] = readNumbers("/proc/sys/net/ipv4/ip_local_port_range");
  const [unprivileged = null] = readNumbers("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  return {
    ephemeral: lowest === undefined || highest === undefined ? null : { lowest, highest },
    unprivileged,
  };
}

function readNumbers(file: string): readonly number[] {
  try {
    return readFileSync(file, "utf8").trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}
