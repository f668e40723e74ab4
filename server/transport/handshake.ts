import type { Socket } from "socket.io";
import { KeyroomError } from "../../protocol/errors.ts";
import { Auth } from "../../protocol/handshake.ts";
import { parse } from "../../protocol/parse.ts";
import { PROTOCOL_MINIMUM } from "../../protocol/version.ts";
import type { Accounts } from "../domain/accounts.ts";
import type { Log } from "../domain/log.ts";
import type { Sessions } from "../domain/sessions.ts";
import type { SignIn } from "../domain/sign-in.ts";
import type { KeyroomSocket, Welcome } from "./peer.ts";

export interface HandshakeParts {
  readonly signIn: SignIn;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly log: Log;
  readonly trustProxy: boolean;
  /** Whether the server is closing. */
  readonly isClosing: () => boolean;
}

type Next = (error?: Error) => void;

/** A Socket.IO middleware: decides who a new connection is, or refuses it with `{code, message, retryable}`. */
export function makeHandshake(parts: HandshakeParts) {
  // One sign-in at a time: a client could send any number of them down one connection.
  const signingIn = new WeakSet<Socket["conn"]>();
  // The request with its headers is let go after the first sign-in; a second one on the same line must not look local.
  const addresses = new WeakMap<Socket["conn"], string>();
  return (socket: KeyroomSocket, next: Next): void => {
    if (signingIn.has(socket.conn)) {
      next(refusal(new KeyroomError("invalid", "This connection is signing in already."), parts.log));
      return;
    }
    signingIn.add(socket.conn);
    const address = addresses.get(socket.conn) ?? clientAddress(socket, parts.trustProxy);
    addresses.set(socket.conn, address);
    welcome(socket, address, parts)
      .then(
        (found) => {
          socket.data.welcome = found;
          next();
        },
        (error: unknown) => next(refusal(error, parts.log)),
      )
      .finally(() => signingIn.delete(socket.conn))
      .catch((error: unknown) => parts.log.error({ err: error }, "a handshake failed"));
  };
}

async function welcome(socket: KeyroomSocket, address: string, parts: HandshakeParts): Promise<Welcome> {
  if (parts.isClosing()) throw new KeyroomError("unavailable", "The server is closing. Connect again in a moment.");
  const auth = parse(Auth, "auth", socket.handshake.auth);
  if (auth.protocol !== undefined && auth.protocol < PROTOCOL_MINIMUM) {
    throw new KeyroomError(
      "unsupported",
      `This server speaks protocol ${PROTOCOL_MINIMUM} or newer. Update the client.`,
    );
  }
  const identity = await parts.signIn(auth, address);
  parts.accounts.seen(identity.account);
  const { session, resumed } = parts.sessions.open(identity, auth.client);
  return { session, resumed, token: identity.token, address };
}

/** The proxy in front appends the address that it saw; whatever stands before that came from the client. */
function clientAddress({ handshake }: KeyroomSocket, trustProxy: boolean): string {
  const forwarded = trustProxy ? handshake.headers["x-forwarded-for"] : undefined;
  const last = String(forwarded ?? "")
    .split(",")
    .at(-1)
    ?.trim();
  return last === undefined || last === "" ? handshake.address : last;
}

/** Socket.IO sends `data` along with the message, as the client's `connect_error`. */
function refusal(error: unknown, log: Log): Error {
  if (!(error instanceof KeyroomError)) log.error({ err: error }, "a sign-in failed");
  const known =
    error instanceof KeyroomError ? error : new KeyroomError("internal", "The sign-in failed in the server.");
  return Object.assign(new Error(known.message), { data: known.toJSON() });
}
