/** What engine.io and `ws` hold for a client that has not taken it; both keep it, but neither tells the sum. */
import type { Socket } from "socket.io";

type EngineSocket = Socket["conn"];

/** Bytes that wait in engine.io's queue and in the WebSocket. */
export function backlogOf(conn: EngineSocket): number {
  let bytes = 0;
  const queue: unknown = Reflect.get(conn, "writeBuffer");
  if (Array.isArray(queue)) for (const packet of queue) bytes += sizeOf(packet);
  const socket: unknown = Reflect.get(conn.transport, "socket");
  const waiting: unknown = typeof socket === "object" && socket !== null ? Reflect.get(socket, "bufferedAmount") : 0;
  return bytes + (typeof waiting === "number" ? waiting : 0);
}

function sizeOf(packet: unknown): number {
  const data: unknown = typeof packet === "object" && packet !== null ? Reflect.get(packet, "data") : undefined;
  return typeof data === "string" ? data.length : 0;
}

/** Ends the transport without waiting for what it still holds. */
export function terminate(conn: EngineSocket): void {
  const socket: unknown = Reflect.get(conn.transport, "socket");
  const end: unknown = typeof socket === "object" && socket !== null ? Reflect.get(socket, "terminate") : undefined;
  if (typeof end === "function") end.call(socket);
  conn.close(true);
}
