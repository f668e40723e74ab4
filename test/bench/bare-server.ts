import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

/** The least that a Socket.IO server can do: give a payload back, or relay it to a room. Resolves with its URL. */
export async function startBareServer(): Promise<string> {
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  io.on("connection", (socket) => {
    socket.on("echo", (payload: unknown, acknowledge: (answer: unknown) => void) => acknowledge(payload));
    socket.on("watch", (_payload: unknown, acknowledge: (answer: unknown) => void) => {
      void socket.join("room");
      acknowledge({});
    });
    socket.on("put", (changes: readonly unknown[]) => {
      for (const change of changes) io.to("room").emit("change", change);
    });
    socket.emit("session");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}
