import type { Server as HttpServer } from "node:http";
import helmet from "helmet";
import { Server } from "socket.io";
import { FIXED_LIMITS, type Limits } from "../../protocol/limits.ts";
import type { Push } from "../../protocol/pushes.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Audiences } from "../domain/audiences.ts";
import type { Clock } from "../domain/clock.ts";
import type { Sessions } from "../domain/sessions.ts";
import type { Watches } from "../domain/watches.ts";
import type { Dispatcher } from "./dispatch.ts";
import { type HandshakeParts, makeHandshake } from "./handshake.ts";
import { type OriginPolicy, refuseForeignOrigins } from "./origin.ts";
import { CLOSE_MS, type KeyroomServer, type KeyroomSocket, Peer } from "./peer.ts";

export interface SocketIoParts extends HandshakeParts {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly watches: Watches;
  readonly audiences: Audiences;
  readonly clock: Clock;
  readonly origins: OriginPolicy;
  /** What every `session` push says alike. */
  readonly terms: Pick<Push<"session">, "graceMs" | "durability" | "accounts"> & { readonly limits: Limits };
}

/** Opens the Socket.IO door on an HTTP server. */
export function openSocketIo(http: HttpServer, parts: SocketIoParts): KeyroomServer {
  const io: KeyroomServer = new Server(http, {
    serveClient: false,
    // A half-open connection is noticed within 10 s.
    pingInterval: 5_000,
    pingTimeout: 4_000,
    connectTimeout: 20_000,
    maxHttpBufferSize: FIXED_LIMITS.frameBytes,
    cors: { origin: [...parts.origins.allowed] },
  });
  io.engine.use(refuseForeignOrigins(parts.origins));
  io.engine.use(helmet());
  io.use(makeHandshake(parts));
  // Finds its connection through `this`, so that a thousand sockets share one function.
  function onDisconnect(this: KeyroomSocket): void {
    const { peer } = this.data;
    parts.watches.forget(peer);
    parts.audiences.forget(peer);
    parts.sessions.lost(peer.session, peer);
  }
  io.on("connection", (socket) => {
    const peer = new Peer(socket, socket.data.welcome, parts.clock);
    socket.data.peer = peer;
    release(socket);
    socket.on("disconnect", onDisconnect);
    if (!parts.sessions.attach(peer.session, peer)) {
      peer.close({ code: "unauthenticated", message: "The session has ended.", retryable: true, afterMs: 0 });
      return;
    }
    // A middleware that never goes on, and no listener: for a listener Socket.IO spreads the packet's payloads over
    // the call stack, and a packet with 100,000 of them would end the process.
    socket.use((event) => parts.dispatcher.handle(peer, event));
    peer.push("session", greeting(socket, parts));
  });
  return io;
}

function greeting({ data }: KeyroomSocket, { terms }: SocketIoParts): Push<"session"> {
  const { session, resumed, token } = data.welcome;
  const { name, role } = session.account;
  return { user: name, role, room: name, token, client: session.client, resumed, protocol: PROTOCOL_VERSION, ...terms };
}

/** Lets go of what only the handshake needed: the password, and the request with its headers. */
function release(socket: KeyroomSocket): void {
  socket.handshake.auth = {};
  Object.assign(socket.conn, { request: null });
}

/** Says `bye` to everybody and closes the door and its HTTP server, at the latest after some 2.5 s. */
export async function closeSocketIo(
  io: KeyroomServer,
  http: HttpServer,
  clock: Clock,
  bye: Push<"bye">,
): Promise<void> {
  const closed = [...io.sockets.sockets.values()].map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.conn.once("close", () => resolve());
        socket.data.peer.close(bye);
      }),
  );
  await Promise.race([Promise.all(closed), new Promise<void>((resolve) => clock.after(CLOSE_MS + 500, resolve))]);
  // A half-sent request would keep the HTTP server open for ever.
  const ended = io.close();
  http.closeAllConnections();
  await ended;
}
