import { readFileSync } from "node:fs";

/** How many files and connections this process may have open; undefined where the system does not tell, as off Linux. */
export function openFilesLimit(): number | undefined {
  try {
    return parseLimit(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return undefined;
  }
}

/** The soft limit, which Node has raised to the hard one at its start. */
export function parseLimit(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
