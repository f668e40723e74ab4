import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket as TcpSocket } from "node:net";
import { Server, type ServerOptions, type Socket } from "socket.io";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Push } from "../../protocol/pushes.ts";

export interface Mute {
  readonly url: string;
  close(): Promise<void>;
}

/** Accepts connections and says nothing, ever. */
export async function silentServer(): Promise<Mute> {
  const sockets = new Set<TcpSocket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const GREETING: Push<"session"> = {
  user: "ann",
  role: "guest",
  room: "ann",
  token: "t",
  client: "c".repeat(22),
  resumed: false,
  graceMs: 60_000,
  durability: "memory",
  accounts: "password",
  protocol: 1,
  limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS },
};

/** A Socket.IO server that does only what the test says, and by itself answers nothing. */
export async function scriptedServer(
  script: (io: Server) => void,
  options: Partial<ServerOptions> = {},
): Promise<Mute> {
  const http: HttpServer = createServer();
  const io = new Server(http, options);
  script(io);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () => io.close(),
  };
}

/** Greets each connection as a server should, and then hands it to the test. */
export function greeting(then: (socket: Socket) => void = () => undefined, changes: Partial<Push<"session">> = {}) {
  return (io: Server): void => {
    io.on("connection", (socket) => {
      socket.emit("session", { ...GREETING, ...changes });
      then(socket);
    });
  };
}

/** A server that greets and has no heartbeat: after a second its clients miss it, and another second later they are cut. */
export function heartlessServer(): Promise<Mute> {
  const stop = greeting(({ conn }) => {
    conn.on("packetCreate", (packet: { type: string }) => {
      if (packet.type === "ping") packet.type = "noop";
    });
  });
  return scriptedServer(stop, { pingInterval: 100, pingTimeout: 1_800 });
}
