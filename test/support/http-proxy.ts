import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** What an HTTP proxy may do to those behind it. */
export interface Manners {
  /** Answers WebSocket upgrades with this status instead of passing them on. */
  readonly refuseUpgrades?: number;
  /** Answers the requests with these paths by itself. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Headers set on each answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP proxy in front of a server, as companies and clouds have them. */
export async function httpProxy(target: string, manners: Manners) {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  };
  const server: Server = createServer((question, response) => {
    for (const [name, value] of Object.entries(manners.headers ?? {})) response.setHeader(name, value);
    if (manners.answer?.(question, response) === true) return;
    const { method, url, headers } = question;
    const passed = request({ port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...manners.headers });
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    question.pipe(passed);
  });
  server.on("connection", keep);
  server.on("upgrade", (question: IncomingMessage, socket: Socket) => {
    const { refuseUpgrades: status } = manners;
    if (status !== undefined) return socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
    const onwards = connect(Number(port));
    keep(onwards);
    const head = Object.entries(question.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    onwards.write(`GET ${question.url} HTTP/1.1\r\n${head.join("")}\r\n`);
    return onwards.pipe(socket).pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
