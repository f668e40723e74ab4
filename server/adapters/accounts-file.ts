import { open, readFile, rename } from "node:fs/promises";
import * as v from "valibot";
import { Role } from "../../protocol/fields.ts";
import type { Account, AccountStore } from "../domain/accounts.ts";
import type { Log } from "../domain/log.ts";

const SavedAccounts = v.object({
  format: v.literal(1),
  accounts: v.array(
    v.object({
      name: v.string(),
      kind: v.picklist(["password", "anonymous", "held"]),
      role: Role,
      passwordHash: v.nullable(v.string()),
      tokens: v.array(v.string()),
      kept: v.boolean(),
      seenAt: v.number(),
    }),
  ),
});

/** The accounts of a file; none when there is no file yet. Throws a sentence when it cannot be read. */
export async function readAccountsFile(path: string): Promise<readonly Account[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`Cannot read the accounts file ${path}: ${String(error).replace(/^Error: /, "")}`);
  }
  try {
    return v.parse(SavedAccounts, JSON.parse(text)).accounts;
  } catch {
    throw new Error(`${path} is not an accounts file of Keyroom. Name another file, or move this one away.`);
  }
}

/**
 * Writes all accounts to a file, atomically: a temporary file beside it is written, flushed and renamed.
 * While one write is under way all further wishes become one next write.
 */
export class AccountsFile implements AccountStore {
  readonly #path: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  save(snapshot: () => readonly Account[]): Promise<void> {
    this.#next ??= this.#writing.then(async () => {
      this.#next = null;
      this.#writing = this.#write(snapshot());
      await this.#writing;
    });
    return this.#next;
  }

  async #write(accounts: readonly Account[]): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    try {
      const file = await open(temporary, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify({ format: 1, accounts }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
    } catch (error) {
      // The accounts in memory stay right; the next change tries again.
      this.#log.error({ err: error, path: this.#path }, "could not write the accounts file");
    }
  }
}

/** Keeps nothing: a restart forgets all accounts. */
export const noAccountStore: AccountStore = { save: () => Promise.resolve() };
