import { readFile } from "node:fs/promises";
import { LocalError } from "./local-error.ts";
import { systemReason } from "./system-reason.ts";

/**
 * The certificates of `--ca`, as PEM.
 * @throws LocalError when the file cannot be read
 */
export async function readCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new LocalError(`Cannot read --ca ${file}: ${systemReason(error)}.`);
  }
}
