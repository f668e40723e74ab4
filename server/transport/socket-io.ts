import type { Server as HttpServer } from "node:http";
import helmet from "helmet";
import { Server } from "socket.io";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Push } from "../../protocol/pushes.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Door } from "./door.ts";
import { makeHandshake } from "./handshake.ts";
import { type OriginPolicy, refuseForeignOrigins } from "./origin.ts";
import { CLOSE_MS, type KeyroomServer, type KeyroomSocket, SocketPeer } from "./socket-peer.ts";

export interface SocketIoParts {
  readonly door: Door;
  readonly clock: Clock;
  readonly log: Log;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
}

/** Opens the Socket.IO door on an HTTP server. */
export function openSocketIo(
  http: HttpServer,
  { door, clock, log, origins, trustProxy }: SocketIoParts,
): KeyroomServer {
  const io: KeyroomServer = new Server(http, {
    serveClient: false,
    // So that the SDK notices within 10 s that its connection is half open, also where the pings still come: the next
    // one is missed 3 s after the last that was answered, and waited for 5.5 s longer.
    pingInterval: 3_000,
    pingTimeout: 5_000,
    connectTimeout: 20_000,
    maxHttpBufferSize: FIXED_LIMITS.frameBytes,
    cors: { origin: [...origins.allowed] },
  });
  io.engine.use(refuseForeignOrigins(origins));
  io.engine.use(helmet());
  io.use(makeHandshake(door, log, trustProxy));
  // Finds its connection through `this`, so that a thousand sockets share one function.
  function onDisconnect(this: KeyroomSocket): void {
    door.left(this.data.peer);
  }
  io.on("connection", (socket) => {
    const { welcome } = socket.data;
    const peer = new SocketPeer(socket, welcome, clock);
    socket.data.peer = peer;
    release(socket);
    socket.on("disconnect", onDisconnect);
    // A middleware that never goes on, and no listener: for a listener Socket.IO spreads the packet's payloads over
    // the call stack, and a packet with 100,000 of them would end the process.
    if (door.enter(peer, welcome)) socket.use((event) => door.request(peer, event));
  });
  return io;
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
