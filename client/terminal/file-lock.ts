import { rmSync } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
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
  await acquire(path);
  const remove = () => rmSync(path, { force: true });
  // Also when the process is interrupted in the middle.
  process.once("exit", remove);
  return () => {
    process.off("exit", remove);
    remove();
  };
}

async function acquire(path: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      return await file.close();
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(RETRY_MS * (1 + Math.random()));
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    // One from the future is of another clock, and nobody knows how old it is.
    return Math.abs(Date.now() - (await stat(path)).mtimeMs) > STALE_MS;
  } catch {
    return false;
  }
}
