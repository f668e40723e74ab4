import { randomBytes } from "node:crypto";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Clock } from "./clock.ts";
import type { Newcomers } from "./newcomers.ts";

const MAX_GUESTS = 10_000;
const NEW_PER_ADDRESS = 20;
export const GUEST_IDLE_MS = 30 * 24 * 3_600_000;

/** Anonymous guests: accounts for clients that give no name. */
export class Guests {
  readonly #accounts: Accounts;
  readonly #newcomers: Newcomers;
  readonly #clock: Clock;

  constructor(accounts: Accounts, newcomers: Newcomers, clock: Clock) {
    this.#accounts = accounts;
    this.#newcomers = newcomers;
    this.#clock = clock;
  }

  /** @throws KeyroomError `rate_limited`, `quota` */
  create(address: string): Account {
    this.#newcomers.admit(
      address,
      NEW_PER_ADDRESS,
      "Too many new anonymous guests from your address. Try again in a minute, or sign in with a name.",
    );
    if (this.#count() >= MAX_GUESTS) {
      throw new KeyroomError("quota", "The server has as many anonymous guests as it can keep. Sign in with a name.");
    }
    return this.#accounts.create(passingName(this.#accounts), "anonymous");
  }

  /** The guests that nobody has used for 30 days. */
  idle(): readonly Account[] {
    const limit = this.#clock.now() - GUEST_IDLE_MS;
    return [...this.#accounts.all()].filter(({ kind, seenAt }) => kind === "anonymous" && seenAt < limit);
  }

  #count(): number {
    let count = 0;
    for (const { kind } of this.#accounts.all()) if (kind === "anonymous") count++;
    return count;
  }
}

/** A free name for somebody who gave none. */
export function passingName(accounts: Accounts): string {
  for (;;) {
    const name = `guest-${randomBytes(4).toString("hex")}`;
    if (accounts.find(name) === undefined) return name;
  }
}
