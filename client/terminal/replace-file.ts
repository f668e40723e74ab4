import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Puts `text` into the file, whole or not at all: written beside it, then renamed. Only its owner can read it.
 * Synchronous, so that it also works while the process ends.
 * @throws the system's error; the old file is then as it was
 */
export function replaceFile(path: string, text: string): void {
  const beside = `${path}.${randomUUID()}`;
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
