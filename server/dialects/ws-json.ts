/** The door of the third system: JSON over WebSocket, path `/ws`, one room for all. */
import type { WebSocket } from "ws";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { DoorParts, RunningDoor } from "./door.ts";
import { JsonTalk } from "./json-talk.ts";
import { type Guest, openWebSockets } from "./web-sockets.ts";
import { WsInbox } from "./ws-inbox.ts";

export function openWsJson(parts: DoorParts): Promise<RunningDoor> {
  parts.domain.shared.open();
  const greet = (socket: WebSocket) => new WsJson(socket, parts);
  return openWebSockets({ ...parts, path: "/ws", maxFrameBytes: FIXED_LIMITS.frameBytes, greet });
}

class WsJson implements Guest {
  readonly #socket: WebSocket;
  readonly #talk: JsonTalk;
  #state: "open" | "closing" | "closed" = "open";
  #isWaiting = false;

  constructor(socket: WebSocket, parts: DoorParts) {
    this.#socket = socket;
    this.#talk = new JsonTalk(parts);
    new WsInbox(socket, (message) => this.#hear(message));
    socket.once("close", () => {
      this.#state = "closed";
      this.#talk.leave();
    });
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#end();
  }

  /** Messages behind each other: whoever sends many at once means them to be done in that order, locks and all. */
  async #hear(message: string | null): Promise<void> {
    if (this.#state !== "open") return;
    this.#isWaiting = true;
    const answer = await this.#talk.answer(message);
    this.#isWaiting = false;
    // Resolves when the system has it, or nobody is left to take it.
    await new Promise<void>((resolve) => this.#socket.send(answer, () => resolve()));
    this.#end();
  }

  /** Unless there is more to do. */
  #end(): void {
    if (this.#state === "closing" && !this.#isWaiting) this.#socket.close(GOING_AWAY);
  }
}

const GOING_AWAY = 1001;
