import { rmSync } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./system-reason.ts";

/** A lock that old was left behind by a process that was killed. */
const STALE_MS = 10_000;
const RETRY_MS = 25;

/**
 * Runs `work` while no other process runs one under the same `path`, a file that exists as long as it is held.
 * It keeps updates from being lost, not the data whole: that is for the atomic write. So taking a stale lock may race.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  const release = () => rmSync(path, { force: true });
  // Also when the process is interrupted in the middle.
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
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
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}
