import { connect, type Socket } from "node:net";
import { WEBSOCKET_HEADERS } from "./http.ts";

const TEXT = 1;
const BINARY = 2;
/** The server waits for the client's half of the goodbye. */
const CLOSE_FRAME = /\x88(?:\x00|\x02[\s\S]{2})$/;

/** A WebSocket to a server's Socket.IO path, made by hand, which sends whatever it is told, well-formed or not. */
export class RawSocket {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #received = "";
  #onData: () => void = () => undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text) => {
      this.#received += String(text);
      this.#onData();
      if (CLOSE_FRAME.test(this.#received.slice(-8))) this.#socket.end();
    });
    // How it ends does not matter: the server may cut it at any time.
    this.#socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.#socket.once("close", () => resolve()));
    const headers = Object.entries({ Host: `${hostname}:${port}`, ...WEBSOCKET_HEADERS });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines}\r\n`);
  }

  /** Resolves when the server has sent this text, or closed the connection. */
  async heard(text: string): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#onData = () => this.#received.includes(text) && resolve();
      this.#onData();
    });
    await Promise.race([heard, this.closed]);
  }

  sendText(text: string): void {
    this.#send(TEXT, Buffer.from(text));
  }

  sendBinary(bytes: Buffer): void {
    this.#send(BINARY, bytes);
  }

  /** Bytes that need not be a WebSocket frame at all. */
  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends nothing more. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** A client's frames are masked; the mask may be zero. */
  #send(opcode: number, payload: Buffer): void {
    const length = payload.length;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const head = Buffer.alloc(2 + extended + 4);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) head.writeUInt16BE(length, 2);
    if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}
