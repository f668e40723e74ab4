import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, open, realpath, rename, stat } from "node:fs/promises";
import { lastWords } from "../terminal/last-words.ts";
import { LocalError } from "../terminal/local-error.ts";
import { systemCode, systemReason } from "../terminal/system-reason.ts";

/** Takes the next piece; false when nobody takes any more. */
export type Write = (text: string) => Promise<boolean>;

/**
 * Gives `work` a file to write, piece by piece. It takes the old one's place when `work` is done, whole or not at all,
 * and only its owner can read it. What is no plain file, such as a pipe, is written to as it is.
 * @throws LocalError, and what `work` throws
 */
export async function writeFileWith<T>(path: string, work: (write: Write) => Promise<T>): Promise<T> {
  const whole = await placeOf(path);
  if (whole === null) return writeTo(path, await orSay(path, open(path, "w")), work);
  const beside = `${whole}.${randomUUID()}`;
  const remove = (): void => rmSync(beside, { force: true });
  const stop = lastWords(remove);
  try {
    const file = await orSay(path, open(beside, "wx", 0o600));
    const done = await writeTo(path, file, async (write) => {
      const result = await work(write);
      await orSay(path, file.sync());
      return result;
    });
    await orSay(path, rename(beside, whole));
    return done;
  } finally {
    stop();
    remove();
  }
}

/** The path of the plain file that is or will be there; null where something else is. */
async function placeOf(path: string): Promise<string | null> {
  try {
    // A link stays, and what it leads to is replaced.
    return (await stat(path)).isFile() ? await realpath(path) : null;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return path;
    throw cannotWrite(path, error);
  }
}

async function writeTo<T>(path: string, file: FileHandle, work: (write: Write) => Promise<T>): Promise<T> {
  try {
    return await work(async (text) => {
      await orSay(path, file.writeFile(text));
      return true;
    });
  } finally {
    await file.close();
  }
}

async function orSay<T>(path: string, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): LocalError {
  return new LocalError(`Cannot write ${path}: ${systemReason(error)}.`);
}
