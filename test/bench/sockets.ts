import { io, type Socket } from "socket.io-client";

/** Opens this many plain sockets, each with a name of its own, and waits for the server's first word on each. */
export async function openSockets(url: string, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => io(url, { forceNew: true, transports: ["websocket"] }));
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.once("session", () => resolve()))));
  return sockets;
}

/** One request; an answer that is an error is thrown. */
export function request(socket: Socket, name: string, payload: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.emit(name, payload, (answer: { ok?: boolean; error?: unknown }) => {
      if (answer.ok === false) reject(new Error(JSON.stringify(answer.error)));
      else resolve(answer);
    });
  });
}
