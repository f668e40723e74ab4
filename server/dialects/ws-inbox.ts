import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import { ANSWERS_A_TURN } from "./text-connection.ts";

/** Beyond so many messages behind the one under way, or so long ones, no more are read, and the client's end is not noticed. */
const MANY_WAITING = 64;
const LONG = 64 * 1_024;

/** Has the messages of a WebSocket heard one after the other, and reads no faster than that. */
export class WsInbox {
  readonly #socket: WebSocket;
  readonly #hear: (message: string | null) => Promise<void>;
  readonly #waiting: (string | null)[] = [];
  #waitingCharacters = 0;
  #isServing = false;

  /** @param hear must not reject; null stands for a binary frame */
  constructor(socket: WebSocket, hear: (message: string | null) => Promise<void>) {
    this.#socket = socket;
    this.#hear = hear;
    socket.on("message", (data, isBinary) => {
      const message = isBinary ? null : String(data);
      this.#waiting.push(message);
      this.#waitingCharacters += message?.length ?? 0;
      void this.#serve();
      this.#holdBack();
    });
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    for (let answers = 1; ; answers++) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#waitingCharacters -= message?.length ?? 0;
      this.#holdBack();
      await this.#hear(message);
      if (answers % ANSWERS_A_TURN === 0) await setImmediate();
    }
    this.#isServing = false;
  }

  #holdBack(): void {
    const isMuch = this.#waiting.length > MANY_WAITING || this.#waitingCharacters > LONG;
    if (isMuch === this.#socket.isPaused) return;
    if (isMuch) this.#socket.pause();
    else this.#socket.resume();
  }
}
