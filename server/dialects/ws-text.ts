/** The door of the second system: text over WebSocket, one frame a message, path `/`. */
import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { DoorParts, RunningDoor } from "./door.ts";
import { ANSWERS_A_TURN, TextConnection, type Wire } from "./text-connection.ts";
import { openWebSockets } from "./web-sockets.ts";

/** The largest put. */
const MAX_FRAME_BYTES = FIXED_LIMITS.valueBytes + FIXED_LIMITS.keyBytes + 64;
/** Beyond so many messages that wait, or when a long one does, no more are read, and the client's end is not noticed. */
const MANY_WAITING = 16;
const LONG = 64 * 1_024;

export function openWsText(parts: DoorParts): Promise<RunningDoor> {
  const greet = (socket: WebSocket, address: string) => new WsText(socket, address, parts);
  return openWebSockets({ ...parts, path: "/", maxFrameBytes: MAX_FRAME_BYTES, greet });
}

class WsText implements Wire {
  readonly #socket: WebSocket;
  readonly #connection: TextConnection;
  /** Null stands for a binary frame. */
  readonly #waiting: (string | null)[] = [];
  #isServing = false;

  constructor(socket: WebSocket, address: string, { clock, domain, log }: DoorParts) {
    this.#socket = socket;
    const greeting = (name: string): string => `Connected to ${name}`;
    this.#connection = new TextConnection(this, { clock, domain, log, address, greeting });
    socket.on("message", (data, isBinary) => this.#came(isBinary ? null : String(data)));
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

  #came(message: string | null): void {
    if (!this.#connection.isOpen) return;
    this.#waiting.push(message);
    if (this.#waiting.length > MANY_WAITING || (message?.length ?? 0) > LONG) this.#socket.pause();
    void this.#serve();
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    for (let answers = 1; ; answers++) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      await this.#connection.hear(message);
      if (answers % ANSWERS_A_TURN === 0) await setImmediate();
    }
    this.#isServing = false;
    if (this.#socket.isPaused) this.#socket.resume();
  }
}
