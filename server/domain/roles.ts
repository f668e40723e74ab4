import { createHash, timingSafeEqual } from "node:crypto";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/fields.ts";
import type { Caller } from "./access.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Log } from "./log.ts";
import type { Subject, Throttle } from "./throttle.ts";

/** How a guest becomes a manager by himself. */
export type UpgradePolicy =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "open" }
  | { readonly kind: "off" };

/** The author of what the operator does at the server's terminal. */
export const OPERATOR = "the operator";

/** Who is a guest and who a manager, and how that changes. */
export class Roles {
  readonly #accounts: Accounts;
  readonly #policy: UpgradePolicy;
  readonly #throttle: Throttle;
  readonly #log: Log;
  readonly #onChange: (account: Account) => Promise<void>;

  /** @param onChange is called at once after a change; the change is answered when it resolves */
  constructor(
    accounts: Accounts,
    policy: UpgradePolicy,
    throttle: Throttle,
    log: Log,
    onChange: (account: Account) => Promise<void>,
  ) {
    this.#accounts = accounts;
    this.#policy = policy;
    this.#throttle = throttle;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** @throws KeyroomError `forbidden`, `rate_limited`, `unavailable` */
  async upgrade(caller: Caller, passphrase: string | undefined, address: string): Promise<Role> {
    const account = this.#find(caller.user);
    if (account.role !== "manager") await this.#permit(account, passphrase, address);
    return this.#set(account, "manager", account.name);
  }

  /** @throws KeyroomError `not_found`, `unavailable` */
  promote(name: string, by: string): Promise<Role> {
    return this.#set(this.#find(name), "manager", by);
  }

  /** @throws KeyroomError `not_found`, `unavailable`, `forbidden` for the last manager, unless the operator asks */
  demote(name: string, by: string): Promise<Role> {
    const account = this.#find(name);
    if (account.role === "manager" && by !== OPERATOR && this.#accounts.managers() === 1) {
      throw new KeyroomError("forbidden", `${name} is the last manager. Promote somebody else first.`);
    }
    return this.#set(account, "guest", by);
  }

  async #permit(account: Account, passphrase: string | undefined, address: string): Promise<void> {
    switch (this.#policy.kind) {
      case "open":
        return;
      case "off":
        throw new KeyroomError("forbidden", "Nobody can upgrade here by himself. Ask a manager to promote you.");
      case "passphrase":
        if (passphrase === undefined) {
          throw new KeyroomError("forbidden", "To become a manager, give the passphrase the server was started with.");
        }
        await this.#checkPassphrase(this.#policy.passphrase, passphrase, [
          `upgrade of ${account.name}`,
          { shared: `upgrade from ${address}` },
        ]);
    }
  }

  async #checkPassphrase(right: string, given: string, subjects: readonly [Subject, Subject]): Promise<void> {
    if (await this.#throttle.attempt(subjects, async () => sameText(right, given))) return;
    throw new KeyroomError("forbidden", "That is not the manager passphrase. Ask whoever started the server.");
  }

  async #set(account: Account, role: Role, by: string): Promise<Role> {
    if (account.role === role) {
      // Perhaps this is the second try of a change that could not be stored.
      await this.#accounts.save();
      return role;
    }
    const from = account.role;
    this.#accounts.setRole(account, role);
    this.#log.info({ user: account.name, by, from, to: role }, `${account.name} is a ${role} now, by ${by}`);
    await this.#onChange(account);
    return role;
  }

  #find(name: string): Account {
    const account = this.#accounts.findUser(name);
    if (account === undefined) throw new KeyroomError("not_found", `There is no user called ${name}.`);
    return account;
  }
}

/** Compares in a time that tells nothing of where, or at what length, the texts differ. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
