/**
 * One client's logical connections, keyed by user and by the client id that the server issued.
 *
 *                open (new or known client id)
 *                  │
 *                  ▼        attach
 *     ┌──────── waiting ─────────────▶ connected ─┐ attach: the newer connection
 *     │            ▲         lost         │       │ takes over, the older is closed
 *     │            └──────────────────────┘◀──────┘
 *     │ grace over, logout                │ logout
 *     ▼                                   ▼
 *   ended ◀───────────────────────────────┘
 */
import { randomBytes } from "node:crypto";
import type { Push, PushName } from "../../protocol/pushes.ts";
import type { Account } from "./accounts.ts";
import type { Clock } from "./clock.ts";
import type { Identity } from "./sign-in.ts";

/** The way to a client, whatever the transport. */
export interface Connection {
  push<N extends PushName>(name: N, payload: Push<N>): void;
  /** Says why, then closes the transport. */
  close(bye: Push<"bye">): void;
  /** Closes like that, but drops what the client has not taken yet: it must not receive it any more. */
  dismiss(bye: Push<"bye">): void;
  /** Bytes that wait to be taken by the client. */
  backlog(): number;
  /** Closes at once and drops what the client has not taken. */
  abort(): void;
}

export interface Session {
  readonly account: Account;
  readonly client: string;
  /** Of the token that the newest connection came with. */
  readonly tokenHash: string;
  readonly connection: Connection | null;
  /** Whether it is over: its connection may still be there, and is owed nothing more. */
  readonly ended: boolean;
}

interface OwnSession extends Session {
  ended: boolean;
  tokenHash: string;
  connection: Connection | null;
  cancelGrace: () => void;
}

/** Sessions of one user that may wait for their client at once; beyond, the one that waits longest ends early. */
const MAX_WAITING = 64;

export class Sessions {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #onEnd: (session: Session) => void;
  readonly #byUser = new Map<string, Map<string, OwnSession>>();
  /** Whose each client id is. */
  readonly #owners = new Map<string, string>();

  /** @param onEnd called once for each session, after it is gone */
  constructor(clock: Clock, graceMs: number, onEnd: (session: Session) => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#onEnd = onEnd;
  }

  /**
   * The session of this client id if it is still there and the same user's, else a new one.
   * It waits for `attach`, and ends like any other when that does not come within the grace.
   */
  open(identity: Identity, client: string | undefined): { readonly session: Session; readonly resumed: boolean } {
    const { account, tokenHash } = identity;
    const known = client === undefined ? undefined : this.#byUser.get(account.name)?.get(client);
    const session = known ?? this.#create(account, tokenHash);
    session.tokenHash = tokenHash;
    if (session.connection === null) this.#wait(session);
    return { session, resumed: known !== undefined };
  }

  /** Gives the session its connection; one that it still had is closed first. False when the session is over. */
  attach(session: Session, connection: Connection): boolean {
    const own = this.#own(session);
    if (own === undefined) return false;
    own.cancelGrace();
    const older = own.connection;
    own.connection = connection;
    older?.close({
      code: "conflict",
      message: "A newer connection of this client has taken over.",
      retryable: false,
      afterMs: 0,
    });
    return true;
  }

  /** The connection is gone: the session waits for another, unless it has one already. */
  lost(session: Session, connection: Connection): void {
    const own = this.#own(session);
    if (own === undefined || own.connection !== connection) return;
    own.connection = null;
    this.#wait(own);
  }

  /** Ends a session now; its connection, if any, stays open for the caller to close. */
  end(session: Session): void {
    const own = this.#own(session);
    if (own === undefined) return;
    own.ended = true;
    own.cancelGrace();
    const sessions = this.#byUser.get(own.account.name);
    sessions?.delete(own.client);
    this.#owners.delete(own.client);
    if (sessions?.size === 0) this.#byUser.delete(own.account.name);
    this.#onEnd(own);
  }

  ofUser(name: string): readonly Session[] {
    return [...(this.#byUser.get(name)?.values() ?? [])];
  }

  /** The session that has this client id, if there is one. */
  find(client: string): Session | undefined {
    return this.#byUser.get(this.#owners.get(client) ?? "")?.get(client);
  }

  /** The user whose session has this client id, if there is one. */
  ownerOf(client: string): string | undefined {
    return this.#owners.get(client);
  }

  isOnline(name: string): boolean {
    return this.ofUser(name).some(({ connection }) => connection !== null);
  }

  *all(): Generator<Session> {
    for (const sessions of this.#byUser.values()) yield* sessions.values();
  }

  /** Stops all timers; sessions do not end any more. */
  close(): void {
    for (const sessions of this.#byUser.values()) for (const session of sessions.values()) session.cancelGrace();
  }

  #own({ account, client }: Session): OwnSession | undefined {
    return this.#byUser.get(account.name)?.get(client);
  }

  #create(account: Account, tokenHash: string): OwnSession {
    const client = randomBytes(16).toString("base64url");
    const session: OwnSession = {
      account,
      client,
      tokenHash,
      connection: null,
      ended: false,
      cancelGrace: () => undefined,
    };
    const sessions = this.#byUser.get(account.name) ?? new Map<string, OwnSession>();
    this.#byUser.set(account.name, sessions.set(client, session));
    this.#owners.set(client, account.name);
    return session;
  }

  #wait(session: OwnSession): void {
    session.cancelGrace();
    // Behind all others, so that the first one waiting is the one that waits longest.
    const sessions = this.#byUser.get(session.account.name);
    sessions?.delete(session.client);
    sessions?.set(session.client, session);
    session.cancelGrace = this.#clock.after(this.#graceMs, () => this.end(session));
    this.#endLongestWaiting(session.account.name);
  }

  #endLongestWaiting(name: string): void {
    const waiting = this.ofUser(name).filter(({ connection }) => connection === null);
    const [longest] = waiting;
    if (longest !== undefined && waiting.length > MAX_WAITING) this.end(longest);
  }
}
