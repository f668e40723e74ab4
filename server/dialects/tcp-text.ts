/** The door of the first system: text over TCP. */
import type { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { DoorParts, RunningDoor } from "./door.ts";
import { listen } from "./listen.ts";
import { ANSWERS_A_TURN, CLOSE_MS, STALLED_MS, TextConnection, type Wire } from "./text-connection.ts";
import { looksLikeHttp, MAX_MESSAGE_BYTES, type Message, TextFraming } from "./text-framing.ts";

/**
 * How TLS begins, and no name. A page can make a browser speak TLS to any port, and of what that sends much is chosen by
 * whoever has the page, lines of text among it.
 */
const TLS_HANDSHAKE = 0x16;
/** After so long without a word the system asks whether the client's machine is still there. */
const KEEP_ALIVE_MS = 30_000;

export async function openTcpText(parts: DoorParts): Promise<RunningDoor> {
  const connections = new Set<TcpText>();
  // Who has said his last word may still want to hear the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new TcpText(socket, parts);
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  const port = await listen(server, parts);
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections) connection.close();
    const cancel = parts.clock.after(CLOSE_MS, () => {
      for (const connection of connections) connection.destroy();
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

class TcpText implements Wire {
  readonly #socket: Socket;
  readonly #clock: DoorParts["clock"];
  readonly #framing = new TextFraming();
  readonly #connection: TextConnection;
  #isServing = false;
  #cancelSilence: () => void = () => undefined;

  constructor(socket: Socket, { clock, domain, log }: DoorParts) {
    this.#socket = socket;
    this.#clock = clock;
    const { remoteAddress: address = "", remotePort = 0 } = socket;
    this.#connection = new TextConnection(this, {
      clock,
      domain,
      log,
      address,
      greeting: (name) => `Connected to ${name}:('${address}', ${remotePort})`,
    });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("data", (bytes: Buffer) => this.#came(bytes));
    socket.once("end", () => this.#ended());
    // Whatever it was, the connection is closed behind it.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#cancelSilence();
      this.#connection.left();
    });
  }

  async send(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket.write(this.#framing.isInLines ? `${text}\n` : text) || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(STALLED_MS, () => socket.destroy());
      const done = (): void => {
        cancel();
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.on("drain", done).on("close", done);
    });
  }

  end(): void {
    const socket = this.#socket;
    socket.end();
    // What still comes is not minded; a line with unread bytes would be reset, and the last words lost.
    socket.resume();
    const cancel = this.#clock.after(CLOSE_MS, () => socket.destroy());
    socket.once("close", cancel);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  backlog(): number {
    return this.#socket.writableLength;
  }

  /** Behind the answer that is under way. */
  close(): void {
    this.#connection.close();
  }

  #came(bytes: Buffer): void {
    if (!this.#connection.isOpen) return;
    if (bytes[0] === TLS_HANDSHAKE && !this.#connection.hasName) {
      this.#connection.abort();
      return;
    }
    this.#framing.feed(bytes, this.#clock.monotonic());
    if (this.#isServing && this.#framing.waiting > MAX_MESSAGE_BYTES) this.#socket.pause();
    void this.#serve();
  }

  #ended(): void {
    this.#framing.end();
    void this.#serve();
  }

  /** Answers all that is there by now, one after the other. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    this.#cancelSilence();
    for (let answers = 1; this.#connection.isOpen; answers++) {
      const message = this.#framing.take(this.#clock.monotonic());
      if (message === null) break;
      await this.#hear(message);
      if (answers % ANSWERS_A_TURN === 0) await setImmediate();
    }
    this.#isServing = false;
    if (!this.#connection.isOpen) return;
    if (this.#framing.hasEnded) this.#connection.close();
    else this.#waitForMore();
  }

  async #hear(message: Message): Promise<void> {
    const isHttp = message.kind === "text" && looksLikeHttp(message.text);
    if (isHttp && !this.#connection.hasName) {
      this.#connection.abort();
      return;
    }
    await this.#connection.hear(message.kind === "text" ? message.text : null);
    // The first line of a request may be long, too.
    if (message.kind === "too long" && !this.#connection.hasName) this.#connection.close();
  }

  #waitForMore(): void {
    this.#socket.resume();
    const { due } = this.#framing;
    if (due === null) return;
    // First what has arrived meanwhile: if the server was busy, that was no silence of the client.
    this.#cancelSilence = this.#clock.after(due - this.#clock.monotonic(), () => void this.#afterReading());
  }

  async #afterReading(): Promise<void> {
    await setImmediate();
    await this.#serve();
  }
}
