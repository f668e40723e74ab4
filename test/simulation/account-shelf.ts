import type { Account, AccountStore } from "../../server/domain/accounts.ts";
import type { Clock } from "../../server/domain/clock.ts";
import type { Delay } from "./line.ts";

/** A disk for accounts: what was written is there after a restart, what was being written is not. */
export class AccountShelf {
  #written = "[]";

  /** The accounts of the last process, or of none. */
  read(): readonly Account[] {
    return JSON.parse(this.#written) as Account[];
  }

  clear(): void {
    this.#written = "[]";
  }

  /** For one process. */
  store(clock: Clock, delay: Delay): AccountStore {
    return {
      save: (snapshot) =>
        new Promise((resolve) => {
          clock.after(delay(), () => {
            this.#written = JSON.stringify(snapshot());
            resolve();
          });
        }),
    };
  }
}
