/** What the older doors over WebSocket have in common: one path, no foreign pages, and broken connections noticed. */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { DoorParts, RunningDoor } from "./door.ts";
import { listen } from "./listen.ts";
import { CLOSE_MS } from "./text-connection.ts";

/** Each connection is asked so often whether it is there; one that has not answered the last time is cut. */
export const PING_MS = 30_000;

/** One connection, as its door sees it. */
export interface Guest {
  /** Behind what is under way. */
  close(): void;
  /** Whether an answer is not ready yet: if what was sent behind it is not read until then, that is not the client's fault. */
  readonly isWaiting?: boolean;
}

export interface WebSocketParts extends DoorParts {
  readonly path: string;
  /** Whoever sends a longer message is cut. */
  readonly maxFrameBytes: number;
  /** Takes a new connection in. */
  readonly greet: (socket: WebSocket, address: string) => Guest;
}

/** Rejects with the system's error where the port cannot be had. */
export async function openWebSockets(parts: WebSocketParts): Promise<RunningDoor> {
  const { clock, path, greet } = parts;
  // The types do not know yet how long a client may take to say goodbye, too.
  const terms = { noServer: true, maxPayload: parts.maxFrameBytes, perMessageDeflate: false, closeTimeout: CLOSE_MS };
  const server = new WebSocketServer(terms);
  const guests = new Map<WebSocket, Guest>();
  /** Those that were asked and have not answered yet. */
  const silent = new Set<WebSocket>();
  const http = createServer((request, response) => {
    const [status, sentence] = isPath(request, path) ? NO_WEBSOCKET : NOTHING_HERE;
    response.writeHead(status, { "Content-Type": "text/plain", Connection: "close" }).end(sentence);
  });
  http.on("upgrade", (request: IncomingMessage, line: Duplex, head: Buffer) => {
    // Until the WebSocket has taken it over.
    line.on("error", () => line.destroy());
    const refusal = refusalOf(request, parts);
    if (refusal !== null) refuse(line, ...refusal);
    else server.handleUpgrade(request, line, head, (socket) => take(socket, request.socket.remoteAddress ?? ""));
  });
  const take = (socket: WebSocket, address: string): void => {
    const guest = greet(socket, address);
    // A frame that is none, or too long: of what follows nothing can be understood.
    socket.on("error", () => guest.close());
    guests.set(socket, guest);
    socket.on("pong", () => silent.delete(socket));
    socket.once("close", () => {
      guests.delete(socket);
      silent.delete(socket);
    });
  };
  const port = await listen(http, parts);
  const stopAsking = askWhetherThere(guests, silent, clock);
  const close = async (): Promise<void> => {
    stopAsking();
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeAllConnections();
    for (const guest of guests.values()) guest.close();
    const cancel = clock.after(CLOSE_MS, () => {
      for (const socket of guests.keys()) socket.terminate();
    });
    await closed;
    cancel();
  };
  let closing: Promise<void> | null = null;
  return {
    host: parts.host,
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

type Refusal = readonly [status: number, sentence: string];

const NO_WEBSOCKET: Refusal = [426, "This door takes WebSockets alone.\n"];
const NOTHING_HERE: Refusal = [404, "There is nothing here.\n"];

function refusalOf(request: IncomingMessage, { path, isOriginAllowed }: WebSocketParts): Refusal | null {
  const { origin, host } = request.headers;
  if (!isPath(request, path)) return NOTHING_HERE;
  if (isOriginAllowed(origin, host)) return null;
  return [403, `Pages from ${origin ?? ""} may not connect. Start the server with --origin for them.\n`];
}

function isPath({ url = "" }: IncomingMessage, path: string): boolean {
  return url.split("?", 1)[0] === path;
}

function refuse(line: Duplex, status: number, sentence: string): void {
  const words: Readonly<Record<number, string>> = { 403: "Forbidden", 404: "Not Found" };
  const head = `HTTP/1.1 ${status} ${words[status] ?? ""}\r\nContent-Type: text/plain\r\nConnection: close`;
  // Without the end of its own half, a client could keep the line for ever.
  line.end(`${head}\r\nContent-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`, () => line.destroy());
}

/** Returns a function that ends this. */
function askWhetherThere(
  guests: ReadonlyMap<WebSocket, Guest>,
  silent: Set<WebSocket>,
  clock: DoorParts["clock"],
): () => void {
  const round = (): void => {
    for (const [socket, guest] of guests) {
      if (silent.has(socket)) {
        if (guest.isWaiting !== true || !socket.isPaused) socket.terminate();
      } else {
        silent.add(socket);
        socket.ping();
      }
    }
    cancel = clock.after(PING_MS, round);
  };
  let cancel = clock.after(PING_MS, round);
  return () => cancel();
}
