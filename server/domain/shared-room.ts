/** The one room that is no user's: a door that knows no users keeps it, and all who come in by it share it. */
import { randomBytes } from "node:crypto";
import type { Engine } from "../engine/port.ts";
import type { Caller } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { Log } from "./log.ts";

/** The room, and the author of all that is written by its door. */
export const SHARED = "shared";

export class SharedRoom {
  readonly #accounts: Accounts;
  readonly #engine: Engine;
  readonly #log: Log;

  constructor(accounts: Accounts, engine: Engine, log: Log) {
    this.#accounts = accounts;
    this.#engine = engine;
    this.#log = log;
  }

  /** From now on there is the room, and managers may read and watch it. Idempotent. */
  open(): void {
    if (this.#accounts.find(SHARED) === undefined) this.#accounts.create(SHARED, "door");
  }

  /** Somebody to whom the room is his own, as to all others of the door; his locks are his alone. */
  enter(): Caller {
    // No session's client id looks like that, and nobody can guess it.
    return { user: SHARED, role: "guest", client: `door:${randomBytes(16).toString("base64url")}` };
  }

  /**
   * Gives up what he holds and waits for. Never rejects.
   * @param underWay what he has asked for last: it may have been granted a lock in the meantime
   */
  async leave({ client }: Caller, underWay: Promise<unknown>): Promise<void> {
    try {
      await this.#engine.revokeLocks(client);
      await underWay;
      await this.#engine.forgetClient(client);
    } catch (error) {
      this.#log.error({ err: error }, "could not take the locks of a connection");
    }
  }
}
