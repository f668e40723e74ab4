import { KeyroomError } from "../../protocol/errors.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Newcomers } from "./newcomers.ts";
import type { Subject, Throttle } from "./throttle.ts";

/** A slow password hash; both calls run outside the event loop. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

type Subjects = readonly [Subject, Subject];

/** Checks that may wait at once: more would only answer later than anybody waits. */
const MAX_CHECKS = 64;
/** Enough for a class that signs up at once. */
const NEW_PER_ADDRESS = 60;

/** Signs in by name and password; the first sign-in with a name makes the account. */
export class Passwords {
  readonly #accounts: Accounts;
  readonly #hasher: PasswordHasher;
  readonly #throttle: Throttle;
  readonly #newcomers: Newcomers;
  /** Accounts on their way: whoever comes second with a name must know the first one's password. */
  readonly #creating = new Map<string, Promise<void>>();
  #checks = 0;

  constructor(accounts: Accounts, hasher: PasswordHasher, throttle: Throttle, newcomers: Newcomers) {
    this.#accounts = accounts;
    this.#hasher = hasher;
    this.#throttle = throttle;
    this.#newcomers = newcomers;
  }

  /** @throws KeyroomError `unauthenticated`, `name_taken`, `rate_limited`, `quota` */
  async signIn(name: string, password: string, address: string): Promise<Account> {
    const subjects: Subjects = [`account ${name}`, { shared: `address ${address}` }];
    await this.#throttle.admit(subjects);
    for (;;) {
      const account = this.#accounts.find(name);
      if (account !== undefined) {
        await this.#verify(account, password, subjects);
        return account;
      }
      const creating = this.#creating.get(name);
      if (creating === undefined) return this.#create(name, password, address);
      await creating;
    }
  }

  async #verify(account: Account, password: string, subjects: Subjects): Promise<void> {
    const { passwordHash, name } = account;
    if (passwordHash === null) throw new KeyroomError("name_taken", `The name ${name} is taken. Choose another.`);
    const check = () => this.#check(() => this.#hasher.verify(passwordHash, password));
    if (await this.#throttle.attempt(subjects, check)) return;
    throw new KeyroomError(
      "unauthenticated",
      `Wrong password for ${name}. If you are new here, choose another name: this one is taken.`,
    );
  }

  async #create(name: string, password: string, address: string): Promise<Account> {
    this.#newcomers.admit(
      address,
      NEW_PER_ADDRESS,
      "Too many new accounts from your address. Try again in a minute, or sign in with one that there is.",
    );
    const hashing = this.#check(() => this.#hasher.hash(password)).then((hash) =>
      this.#accounts.create(name, "password", hash),
    );
    const settled = hashing.then(
      () => undefined,
      () => undefined,
    );
    this.#creating.set(name, settled);
    try {
      return await hashing;
    } finally {
      this.#creating.delete(name);
    }
  }

  async #check<T>(run: () => Promise<T>): Promise<T> {
    if (this.#checks >= MAX_CHECKS) {
      throw new KeyroomError("rate_limited", "Too many people are signing in at once. Try again in a moment.");
    }
    this.#checks++;
    try {
      return await run();
    } finally {
      this.#checks--;
    }
  }
}
