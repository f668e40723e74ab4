import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { systemCode } from "./system-error.ts";

export type FileLock =
  | { readonly taken: true; readonly release: () => void }
  /** The process id of who has it; `unknown` where its file does not say. */
  | { readonly taken: false; readonly holder: string };

/** The locks of this process: a file that names it, but is not among them, is of an earlier process with its id. */
const held = new Set<string>();

/**
 * Takes the lock at `path`: a file with the process id of who holds it, worthless when that process is gone.
 * Two that take over a worthless one in the same moment may both succeed.
 * Throws the system's error where the file cannot be made.
 */
export function lockFile(path: string): FileLock {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      held.add(path);
      return { taken: true, release: once(() => release(path)) };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder !== null && isAlive(holder, path)) return { taken: false, holder };
    rmSync(path, { force: true });
  }
}

function release(path: string): void {
  held.delete(path);
  rmSync(path, { force: true });
}

/** Whoever has the lock next must not lose it to a second release of ours. */
function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}

/** Null when the lock has just gone. */
function readHolder(path: string): string | null {
  try {
    const text = readFileSync(path, "utf8");
    return /^[1-9]\d*$/.test(text) ? text : "unknown";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

function isAlive(holder: string, path: string): boolean {
  if (holder === "unknown") return true;
  if (Number(holder) === process.pid) return held.has(path);
  try {
    process.kill(Number(holder), 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
