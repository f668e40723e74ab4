import type { Socket } from "socket.io";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Log } from "../domain/log.ts";
import type { Door } from "./door.ts";
import type { KeyroomSocket } from "./socket-peer.ts";

type Next = (error?: Error) => void;

/** A Socket.IO middleware: signs a new connection in, or refuses it with `{code, message, retryable}`. */
export function makeHandshake(door: Door, log: Log, trustProxy: boolean) {
  // One sign-in at a time: a client could send any number of them down one connection.
  const signingIn = new WeakSet<Socket["conn"]>();
  // The request with its headers is let go after the first sign-in; a second one on the same line must not look local.
  const addresses = new WeakMap<Socket["conn"], string>();
  return (socket: KeyroomSocket, next: Next): void => {
    if (signingIn.has(socket.conn)) {
      next(refusal(new KeyroomError("invalid", "This connection is signing in already."), log));
      return;
    }
    signingIn.add(socket.conn);
    const address = addresses.get(socket.conn) ?? clientAddress(socket, trustProxy);
    addresses.set(socket.conn, address);
    door
      .welcome(socket.handshake.auth, address)
      .then(
        (found) => {
          socket.data.welcome = found;
          next();
        },
        (error: unknown) => next(refusal(error, log)),
      )
      .finally(() => signingIn.delete(socket.conn))
      .catch((error: unknown) => log.error({ err: error }, "a handshake failed"));
  };
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
