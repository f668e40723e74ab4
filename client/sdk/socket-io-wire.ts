import { io } from "socket.io-client";
import { MAX_TIMER_MS } from "./options.ts";
import type { ConnectOptions } from "./types.ts";
import type { OpenWire, WireListener } from "./wire.ts";

/** For the other side to answer a goodbye, or its answer is not waited for. */
const GOODBYE_MS = 2_000;

/** What Socket.IO's own Manager would wait by default, which tells nobody for how long it does: ms, then twice as long. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 5_000;

/** A wire of one Socket.IO socket. */
export function socketIoWire(url: string, options: ConnectOptions): OpenWire {
  return (listener) => {
    const socket = io(url, {
      auth: (send) => send(listener.auth()),
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      transports: [...(options.transports ?? ["websocket", "polling"])],
      tryAllTransports: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    const manager = socket.io;
    socket.onAny((name: string, payload: unknown) => listener.push(name, payload));
    socket.on("connect_error", (error: Parameters<WireListener["failed"]>[0]) => {
      listener.failed(error, error.data !== undefined || !socket.active);
    });
    socket.on("disconnect", (reason) => {
      // What Socket.IO took while the line was silently dead it would send by itself, before its turn and once more.
      socket.sendBuffer = [];
      listener.lost(reason);
    });
    manager.on("ping", () => listener.heard());
    return {
      // Socket.IO tells nobody what the server has promised. Should its fields be called otherwise one day, its own
      // patience has to do.
      get patienceMs() {
        const ms = manager.engine["_pingInterval"] + manager.engine["_pingTimeout"] / 2;
        return ms > 0 ? ms : MAX_TIMER_MS;
      },
      connect: () => void socket.connect(),
      send: (name, payload, answered) => void socket.emit(name, payload, answered),
      // The engine's own `close` waits until all that is to be sent has left, which on a dead line it never does.
      drop: () => {
        hurry(manager.engine.transport);
        manager.engine.transport.close();
      },
      close: () => {
        hurry(manager.engine?.transport);
        socket.disconnect();
      },
      backoffMs: (attempts) => Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** attempts) * (0.5 + Math.random()),
    };
  };
}

/** In Node, a WebSocket that is closed on a dead line would keep the program from its end for half a minute. */
function hurry(transport: object = {}): void {
  const ws: unknown = Reflect.get(transport, "ws");
  if (typeof ws !== "object" || ws === null || !("terminate" in ws)) return;
  const timer: unknown = setTimeout(() => void (ws as { terminate(): void }).terminate(), GOODBYE_MS);
  (timer as { unref(): void }).unref();
}
