import { randomBytes } from "node:crypto";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Clock } from "./clock.ts";

const MAX_GUESTS = 10_000;
const NEW_PER_ADDRESS = 20;
const WINDOW_MS = 60_000;
export const GUEST_IDLE_MS = 30 * 24 * 3_600_000;

/** Anonymous guests: accounts for clients that give no name. */
export class Guests {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  /** New guests of each address in the current minute. */
  #recent = new Map<string, number>();
  #recentSince: number;

  constructor(accounts: Accounts, clock: Clock) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#recentSince = clock.monotonic();
  }

  /** @throws KeyroomError `rate_limited`, `quota` */
  create(address: string): Account {
    this.#countNew(address);
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

  #countNew(address: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#recentSince >= WINDOW_MS) {
      this.#recent = new Map();
      this.#recentSince = now;
    }
    const count = this.#recent.get(address) ?? 0;
    if (count >= NEW_PER_ADDRESS) {
      throw new KeyroomError(
        "rate_limited",
        "Too many new anonymous guests from your address. Try again in a minute, or sign in with a name.",
      );
    }
    this.#recent.set(address, count + 1);
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
