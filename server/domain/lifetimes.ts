import { KeyroomError } from "../../protocol/errors.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Engine } from "../engine/port.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Clock } from "./clock.ts";
import type { Guests } from "./guests.ts";
import type { InFlight } from "./in-flight.ts";
import type { Log } from "./log.ts";
import type { Session, Sessions } from "./sessions.ts";

const SWEEP_MS = 3_600_000;

const DELETED: Push<"bye"> = {
  code: "unauthenticated",
  message: "The operator has deleted your account.",
  retryable: false,
  afterMs: 0,
};

/** Ends what has ended: accounts that do not outlive their sessions, guests idle for too long, and their rooms. */
export class Lifetimes {
  readonly #accounts: Accounts;
  readonly #guests: Guests;
  readonly #engine: Engine;
  readonly #accepted: InFlight;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancelSweep: () => void = () => undefined;

  /** @param accepted knows what each user has under way */
  constructor(accounts: Accounts, guests: Guests, engine: Engine, accepted: InFlight, clock: Clock, log: Log) {
    this.#accounts = accounts;
    this.#guests = guests;
    this.#engine = engine;
    this.#accepted = accepted;
    this.#clock = clock;
    this.#log = log;
  }

  /** To be called when a session has ended. */
  sessionEnded({ account, client }: Session, sessions: Sessions): void {
    // A repeat that is still on its way to the engine would be new there, and run again; a lock would be nobody's.
    const forgotten = this.#accepted.idle(account.name).then(() => this.#engine.forgetClient(client));
    this.#settle(forgotten, "forget a client");
    if (sessions.ofUser(account.name).length > 0) return;
    if (!account.kept) this.#remove(account);
    else if (this.#accounts.find(account.name) === account) this.#accounts.seen(account);
  }

  /**
   * Deletes a user with his room, and says a last goodbye to all his sessions.
   * @throws KeyroomError `not_found`, `unavailable`
   */
  async deleteUser(name: string, sessions: Sessions): Promise<void> {
    const account = this.#accounts.findUser(name);
    if (account === undefined) throw new KeyroomError("not_found", `There is no user called ${name}.`);
    for (const session of sessions.ofUser(name)) {
      sessions.end(session);
      session.connection?.dismiss(DELETED);
    }
    this.#accounts.remove(name);
    await Promise.all([this.#engine.deleteRoom(name), this.#accounts.save()]);
  }

  /** Looks for idle guests once an hour until `close`. */
  start(sessions: Sessions): void {
    this.#cancelSweep = this.#clock.after(SWEEP_MS, () => {
      for (const { account } of sessions.all()) this.#accounts.seen(account);
      for (const account of this.#guests.idle()) this.#remove(account);
      void this.#accounts.save();
      this.start(sessions);
    });
  }

  close(): void {
    this.#cancelSweep();
  }

  #remove({ name }: Account): void {
    this.#accounts.remove(name);
    this.#settle(this.#engine.deleteRoom(name), "delete a room");
  }

  #settle(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      this.#log.error({ err: error }, `could not ${what}`);
    });
  }
}
