import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { lockFile } from "./file-lock.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Reads and rewrites a file while no other process does, so that no update is lost. Makes its folder.
 * @param change reads the file and says what shall be in it
 * @throws the system's error, or what `change` throws; the file is then as it was
 */
export async function updateFile(path: string, change: () => string | Promise<string>): Promise<void> {
  makeFolder(path);
  const release = await lockFile(`${path}.lock`);
  try {
    replaceFile(path, await change());
  } finally {
    release();
  }
}

/** Makes the file's folder, which its owner alone can look into. */
export function makeFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}
