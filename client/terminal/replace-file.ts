import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Puts `text` into the file, whole or not at all: written beside it, then renamed. Only its owner can read it.
 * A link stays a link: some keep such files elsewhere. Synchronous, so that it also works while the process ends.
 * @throws the system's error; the old file is then as it was
 */
export function replaceFile(path: string, text: string): void {
  const target = realTarget(path);
  const beside = `${target}.${randomUUID()}`;
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is none yet, or the link leads nowhere.
    return path;
  }
}
