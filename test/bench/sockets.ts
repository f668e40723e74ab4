import { io, type Socket } from "socket.io-client";

/** Opens a plain socket, of this user or with a name of its own; resolves with the server's first word on it. */
export function openSocket(url: string, user?: string): Promise<readonly [Socket, session: unknown]> {
  const auth = user === undefined ? {} : { user };
  const socket = io(url, { auth, forceNew: true, transports: ["websocket"] });
  return new Promise((resolve, reject) => {
    socket.once("session", (session: unknown) => resolve([socket, session]));
    socket.once("connect_error", reject);
  });
}

export async function openSockets(url: string, count: number): Promise<readonly Socket[]> {
  const opened = await Promise.all(Array.from({ length: count }, () => openSocket(url)));
  return opened.map(([socket]) => socket);
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
