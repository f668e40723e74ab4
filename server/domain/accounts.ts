import { createHash, randomBytes } from "node:crypto";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/fields.ts";
import { compareUtf8 } from "../../protocol/text.ts";

/**
 * `password`: made by the first sign-in with a password.
 * `anonymous`: made for a client without a name; kept from its first write on.
 * `held`: a name without a password, which is free again when its last session ends.
 * `door`: no user, but the name of a room that is none's; nobody signs in with it, and it has no rights elsewhere.
 */
export type AccountKind = "password" | "anonymous" | "held" | "door";

export interface Account {
  readonly name: string;
  readonly kind: AccountKind;
  readonly role: Role;
  /** In the PHC string format; null where there is no password. */
  readonly passwordHash: string | null;
  /** SHA-256 of the live tokens in hex, oldest first. */
  readonly tokens: readonly string[];
  /** Whether the account outlives its sessions. */
  readonly kept: boolean;
  /** Ms since 1970 of the last sign-in or sign-off. */
  readonly seenAt: number;
}

/** Where accounts are kept across restarts. */
export interface AccountStore {
  /** Resolves when a state at least as new as the call is safe; rejects when it could not be stored, which is logged. */
  save(snapshot: () => readonly Account[]): Promise<void>;
}

export const MAX_ACCOUNTS = 100_000;
export const MAX_TOKENS = 32;

type Mutable = { -readonly [K in keyof Account]: Account[K] };

/** All accounts by name and by token. Knows nothing of sessions or rooms. */
export class Accounts {
  readonly #byName = new Map<string, Mutable>();
  readonly #byToken = new Map<string, Mutable>();
  readonly #store: AccountStore;
  readonly #now: () => number;
  #sortedNames: readonly string[] | null = null;
  /** Called with each new account. */
  onCreate: (account: Account) => void = () => undefined;

  /** @param now wall time in ms since 1970 */
  constructor(store: AccountStore, now: () => number, saved: readonly Account[] = []) {
    this.#store = store;
    this.#now = now;
    for (const account of saved) this.#add({ ...account });
  }

  get size(): number {
    return this.#byName.size;
  }

  find(name: string): Account | undefined {
    return this.#byName.get(name);
  }

  /** As `find`, but for what is no user. */
  findUser(name: string): Account | undefined {
    const account = this.find(name);
    return account?.kind === "door" ? undefined : account;
  }

  findByToken(token: string): Account | undefined {
    return this.#byToken.get(hashToken(token));
  }

  /** All names in the order of their UTF-8 bytes. */
  names(): readonly string[] {
    this.#sortedNames ??= [...this.#byName.keys()].sort(compareUtf8);
    return this.#sortedNames;
  }

  all(): IterableIterator<Account> {
    return this.#byName.values();
  }

  /** @throws KeyroomError `name_taken`, `quota` */
  create(name: string, kind: AccountKind, passwordHash: string | null = null): Account {
    if (this.#byName.has(name)) throw new KeyroomError("name_taken", `The name ${name} is taken. Choose another.`);
    if (this.size >= MAX_ACCOUNTS) throw new KeyroomError("quota", "The server has as many accounts as it can keep.");
    const kept = kind === "password";
    const account = this.#add({ name, kind, role: "guest", passwordHash, tokens: [], kept, seenAt: this.#now() });
    this.onCreate(account);
    return account;
  }

  remove(name: string): void {
    for (const token of this.#byName.get(name)?.tokens ?? []) this.#byToken.delete(token);
    this.#byName.delete(name);
    this.#sortedNames = null;
  }

  /** A new token of 256 random bits; beyond 32 the oldest becomes worthless. */
  issueToken(account: Account): string {
    const own = this.#own(account);
    const token = randomBytes(32).toString("base64url");
    const hash = hashToken(token);
    own.tokens = [...own.tokens, hash];
    this.#byToken.set(hash, own);
    if (own.tokens.length > MAX_TOKENS) this.revokeToken(own.tokens[0] as string);
    return token;
  }

  revokeToken(hash: string): void {
    const account = this.#byToken.get(hash);
    if (account === undefined) return;
    this.#byToken.delete(hash);
    account.tokens = account.tokens.filter((other) => other !== hash);
  }

  setRole(account: Account, role: Role): void {
    this.#own(account).role = role;
  }

  /** From now on the account outlives its sessions. */
  keep(account: Account): void {
    this.#own(account).kept = true;
  }

  seen(account: Account): void {
    this.#own(account).seenAt = this.#now();
  }

  managers(): number {
    let count = 0;
    for (const { role } of this.#byName.values()) if (role === "manager") count++;
    return count;
  }

  /**
   * Resolves when everything up to now is safe. Whoever need not know may leave the promise alone.
   * Rejects with a KeyroomError `unavailable`; what was changed holds all the same, and the next save tries again.
   */
  save(): Promise<void> {
    const saving = this.#save();
    saving.catch(() => undefined);
    return saving;
  }

  async #save(): Promise<void> {
    try {
      await this.#store.save(() => [...this.#byName.values()].filter((account) => account.kept));
    } catch (error) {
      throw new KeyroomError(
        "unavailable",
        "The server could not store its accounts, and would forget this at a restart. Try again.",
        { cause: error },
      );
    }
  }

  #add(account: Mutable): Account {
    this.#byName.set(account.name, account);
    for (const token of account.tokens) this.#byToken.set(token, account);
    this.#sortedNames = null;
    return account;
  }

  /** The account itself: one that was removed must not stand for the next of its name. */
  #own(account: Account): Mutable {
    const own = this.#byName.get(account.name);
    if (own !== account) throw new KeyroomError("unauthenticated", `There is no account ${account.name} any more.`);
    return own;
  }
}

/** Tokens are random, so that a plain hash is as good as a slow one: a stolen file signs nobody in. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
