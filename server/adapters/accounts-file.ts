import { randomUUID } from "node:crypto";
import { open, readFile, readlink, realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import type { Account, AccountStore } from "../domain/accounts.ts";
import type { Log } from "../domain/log.ts";
import { lockFile } from "./file-lock.ts";
import { systemCode, systemReason } from "./system-error.ts";

const SavedAccounts = v.object({
  format: v.literal(1),
  accounts: v.array(
    v.object({
      name: v.string(),
      kind: v.picklist(["password", "anonymous", "held"]),
      role: v.picklist(["guest", "manager"]),
      passwordHash: v.nullable(v.string()),
      tokens: v.array(v.string()),
      kept: v.boolean(),
      seenAt: v.number(),
    }),
  ),
});

/** An accounts file that no other server uses meanwhile. */
export interface OpenAccountsFile {
  /** What was in it; nothing when there was no file yet. */
  readonly saved: readonly Account[];
  readonly store: AccountStore;
  /** Lets other servers have the file. */
  close(): void;
}

/** Opens the file at `path`, and makes it where there is none. Rejects with a sentence when it cannot be used. */
export async function openAccountsFile(path: string, log: Log): Promise<OpenAccountsFile> {
  // Where a link leads to is the file, so that replacing it leaves the link.
  const file = await followLinks(path).catch((error: unknown) => {
    throw new Error(`Cannot read the accounts file ${path}: ${systemReason(error)}.`);
  });
  const close = lockOrSay(file);
  try {
    const saved = await readAccounts(file);
    const store = new AccountsFile(file, log);
    // Now, and not at the first sign-in, is when somebody is there who can do something about it.
    await store.write(saved).catch((error: unknown) => {
      throw cannotWrite(file, error);
    });
    return { saved, store, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Keeps nothing: a restart forgets all accounts. */
export const noAccountStore: AccountStore = { save: () => Promise.resolve() };

/**
 * Writes all accounts to a file, atomically: a temporary file beside it is written, flushed and renamed.
 * While one write is under way all further wishes become one next write.
 */
class AccountsFile implements AccountStore {
  readonly #path: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  save(snapshot: () => readonly Account[]): Promise<void> {
    this.#next ??= this.#saveAfter(this.#writing, snapshot);
    return this.#next;
  }

  /** Rejects with the system's error; the file is as it was then. */
  async write(accounts: readonly Account[]): Promise<void> {
    const temporary = `${this.#path}.${randomUUID()}`;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(JSON.stringify({ format: 1, accounts }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #saveAfter(before: Promise<void>, snapshot: () => readonly Account[]): Promise<void> {
    // That one's failure is its own callers' matter.
    await before.catch(() => undefined);
    this.#next = null;
    this.#writing = this.write(snapshot());
    try {
      await this.#writing;
    } catch (error) {
      this.#log.error({ err: error, path: this.#path }, "could not write the accounts file");
      throw error;
    }
  }
}

async function readAccounts(path: string): Promise<readonly Account[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw new Error(`Cannot read the accounts file ${path}: ${systemReason(error)}.`);
  }
  try {
    return v.parse(SavedAccounts, JSON.parse(text)).accounts;
  } catch {
    throw new Error(`${path} is not an accounts file of Keyroom. Name another file, or move this one away.`);
  }
}

function lockOrSay(path: string): () => void {
  let lock: ReturnType<typeof lockFile>;
  try {
    lock = lockFile(`${path}.lock`);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  if (lock.taken) return lock.release;
  throw new Error(
    `Another server (process ${lock.holder}) uses the accounts file ${path}. ` +
      `Stop it, or name another file. If there is no such server, delete ${path}.lock.`,
  );
}

function cannotWrite(path: string, error: unknown): Error {
  return new Error(
    `Cannot write the accounts file ${path}: ${systemReason(error)}. Check its folder, or name another file.`,
  );
}

/** Also of a file that is not there yet. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    const target = await readlink(path).catch(() => null);
    return target === null ? resolve(path) : followLinks(resolve(dirname(path), target));
  }
}

/** Only then does the new name of a file outlast a power cut. Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
