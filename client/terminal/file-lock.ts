import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./system-reason.ts";

/** A lock that old was left behind by a process that was killed. */
const STALE_MS = 10_000;
const RETRY_MS = 25;

/**
 * Waits until no other process holds the lock at `path`, a file that exists as long as it is held, and takes it.
 * The returned function gives it back. The lock keeps updates from being lost, not the data whole: that is for
 * the atomic write. So taking over a stale one may race.
 * Rejects with the system's error where the file cannot be made.
 */
export async function lockFile(path: string): Promise<() => void> {
  for (;;) {
    const release = tryLockFile(path);
    if (release !== undefined) return release;
    await sleep(RETRY_MS * (1 + Math.random()));
  }
}

/**
 * The same without waiting: undefined while another holds the lock.
 * @throws the system's error where the file cannot be made
 */
export function tryLockFile(path: string): (() => void) | undefined {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    if (isStale(path)) rmSync(path, { force: true });
    return undefined;
  }
  const remove = () => rmSync(path, { force: true });
  // Also when the process is interrupted in the middle.
  process.once("exit", remove);
  return () => {
    process.off("exit", remove);
    remove();
  };
}

function isStale(path: string): boolean {
  try {
    // One from the future is of another clock, and nobody knows how old it is.
    return Math.abs(Date.now() - statSync(path).mtimeMs) > STALE_MS;
  } catch {
    return false;
  }
}
