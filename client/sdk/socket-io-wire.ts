import { io } from "socket.io-client";
import { MAX_TIMER_MS } from "./options.ts";
import type { ConnectOptions } from "./types.ts";
import type { OpenWire, WireListener } from "./wire.ts";

/** For the other side to answer a goodbye, or its answer is not waited for. */
const GOODBYE_MS = 2_000;

/** What Socket.IO's own Manager waits by default, ms, and twice as long after each attempt; it tells nobody what it drew. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 5_000;

/** A wire of one Socket.IO socket, whose Manager restores lost transports after as long as it is told. */
export function socketIoWire(url: string, options: ConnectOptions): OpenWire {
  return (listener) => {
    const socket = io(url, {
      auth: (send) => send(listener.auth()),
      autoConnect: false,
      forceNew: true,
      reconnection: options.retry !== false,
      randomizationFactor: 0,
      transports: [...(options.transports ?? ["websocket", "polling"])],
      tryAllTransports: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    const manager = socket.io;
    socket.onAny((name: string, payload: unknown) => listener.push(name, payload));
    socket.on("connect_error", (error: Parameters<WireListener["failed"]>[0]) => {
      listener.failed(error, error.data !== undefined || !socket.active);
    });
    // Of a program that wants one attempt to connect, a connection that was there is restored all the same.
    socket.on("connect", () => void manager.reconnection(true));
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
      // Asked for by the Manager once its listeners have heard that there is no connection.
      waitFor: (ms) => void manager.reconnectionDelay(ms).reconnectionDelayMax(ms),
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
      backoffMs: (attempts) => Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** attempts * (0.5 + Math.random())),
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
