/** The door of the second system: text over WebSocket, one frame a message, path `/`. */
import type { WebSocket } from "ws";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { DoorParts, RunningDoor } from "./door.ts";
import { TextConnection, type Wire } from "./text-connection.ts";
import { openWebSockets } from "./web-sockets.ts";
import { WsInbox } from "./ws-inbox.ts";

/** The largest put. */
const MAX_FRAME_BYTES = FIXED_LIMITS.valueBytes + FIXED_LIMITS.keyBytes + 64;

export function openWsText(parts: DoorParts): Promise<RunningDoor> {
  const greet = (socket: WebSocket, address: string) => new WsText(socket, address, parts);
  return openWebSockets({ ...parts, path: "/", maxFrameBytes: MAX_FRAME_BYTES, greet });
}

class WsText implements Wire {
  readonly #socket: WebSocket;
  readonly #connection: TextConnection;

  constructor(socket: WebSocket, address: string, { clock, domain, log }: DoorParts) {
    this.#socket = socket;
    const greeting = (name: string): string => `Connected to ${name}`;
    this.#connection = new TextConnection(this, { clock, domain, log, address, greeting });
    new WsInbox(socket, (message) => this.#connection.hear(message));
    socket.once("close", () => this.#connection.left());
  }

  /** Resolves when the system has it. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => this.#socket.send(text, () => resolve()));
  }

  end(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** Behind the answer that is under way. */
  close(): void {
    this.#connection.close();
  }
}
