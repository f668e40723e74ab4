/**
 * What every way in has in common: who comes is signed in, gets his session, asks, and leaves.
 * The transport carries it; this decides nothing of the wire.
 */
import { KeyroomError } from "../../protocol/errors.ts";
import { Auth } from "../../protocol/handshake.ts";
import type { Limits } from "../../protocol/limits.ts";
import { parse } from "../../protocol/parse.ts";
import type { Push } from "../../protocol/pushes.ts";
import { PROTOCOL_MINIMUM, PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Accounts } from "../domain/accounts.ts";
import type { Audiences } from "../domain/audiences.ts";
import type { LockAudiences } from "../domain/lock-audiences.ts";
import type { Session, Sessions } from "../domain/sessions.ts";
import type { SignIn } from "../domain/sign-in.ts";
import type { Watches } from "../domain/watches.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { Peer } from "./peer.ts";

export interface DoorParts {
  readonly signIn: SignIn;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly watches: Watches;
  readonly audiences: Audiences;
  readonly lockAudiences: LockAudiences;
  readonly dispatcher: Dispatcher;
  /** Whether the server is closing. */
  readonly isClosing: () => boolean;
  /** What every `session` push says alike. */
  readonly terms: Pick<Push<"session">, "graceMs" | "durability" | "accounts"> & { readonly limits: Limits };
}

/** What the sign-in found out. */
export interface Welcome {
  readonly session: Session;
  readonly resumed: boolean;
  readonly token: string;
  readonly address: string;
  /** The version that the client speaks; 0 where it has not said so. */
  readonly protocol: number;
}

export class Door {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /**
   * Decides who a new connection is.
   * @param auth as it came from the client
   * @throws KeyroomError with what is wrong and what to do
   */
  async welcome(auth: unknown, address: string): Promise<Welcome> {
    const { isClosing, signIn, accounts, sessions } = this.#parts;
    if (isClosing()) throw new KeyroomError("unavailable", "The server is closing. Connect again in a moment.");
    const known = parse(Auth, "auth", auth);
    if (known.protocol !== undefined && known.protocol < PROTOCOL_MINIMUM) {
      const sentence = `This server speaks protocol ${PROTOCOL_MINIMUM} or newer. Update the client.`;
      throw new KeyroomError("unsupported", sentence);
    }
    const identity = await signIn(known, address);
    accounts.seen(identity.account);
    const { session, resumed } = sessions.open(identity, known.client);
    return { session, resumed, token: identity.token, address, protocol: known.protocol ?? 0 };
  }

  /** Gives the session its connection and says the first word. False when the session was over: the peer is closed. */
  enter(peer: Peer, { session, resumed, token }: Welcome): boolean {
    const { sessions, terms } = this.#parts;
    if (!sessions.attach(session, peer)) {
      peer.close({ code: "unauthenticated", message: "The session has ended.", retryable: true, afterMs: 0 });
      return false;
    }
    const { name, role } = session.account;
    const who = { user: name, role, room: name, token, client: session.client };
    peer.push("session", { ...who, resumed, protocol: PROTOCOL_VERSION, ...terms });
    return true;
  }

  /** @param event its name, its payload if any, the acknowledgement callback: as they came */
  request(peer: Peer, event: readonly unknown[]): void {
    this.#parts.dispatcher.handle(peer, event);
  }

  /** The connection is gone. */
  left(peer: Peer): void {
    const { watches, audiences, lockAudiences, sessions } = this.#parts;
    watches.forget(peer);
    audiences.forget(peer);
    lockAudiences.forget(peer);
    sessions.lost(peer.session, peer);
  }
}
