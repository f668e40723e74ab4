/** One of the servers that are compared, a process of its own: `keyroom` or `echo`. Tells its CPU time when asked. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { startServer } from "../../server/server.ts";

/** The least that a Socket.IO server can do for a request: give the payload back. */
async function startEcho(): Promise<string> {
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  io.on("connection", (socket) => {
    socket.on("echo", (payload: unknown, acknowledge: (answer: unknown) => void) => acknowledge(payload));
    socket.emit("session");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const url = process.argv[2] === "echo" ? await startEcho() : (await startServer({ port: 0, accounts: "name" })).url;
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
process.on("disconnect", () => process.exit());
process.send?.({ url });
