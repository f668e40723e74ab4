/** Clients of the text doors that know nothing but sockets. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type ClientOptions, WebSocket } from "ws";

export interface TextClient {
  say(text: string): void;
  /** What is said to it next: of as many characters as `expected`, or less when the connection ends before. */
  hears(expected: string): Promise<string>;
  /** Breaks the connection without a goodbye. */
  cut(): void;
  /** Resolves when the connection is closed, whatever the reason, with what was said and not heard. */
  readonly closed: Promise<string>;
}

export class TcpClient implements TextClient {
  readonly socket: Socket;
  readonly closed: Promise<string>;
  #heard = "";
  #isClosed = false;
  #changed: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding("utf8").setNoDelay(true);
    socket.on("data", (text: string) => {
      this.#heard += text;
      this.#changed();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#isClosed = true;
        this.#changed();
        resolve(this.#heard);
      });
    });
  }

  static async open(port: number, host = "127.0.0.1"): Promise<TcpClient> {
    const socket = connect({ port, host, allowHalfOpen: true });
    const client = new TcpClient(socket);
    await Promise.race([once(socket, "connect"), client.closed]);
    socket.once("end", () => socket.end());
    return client;
  }

  say(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  async hears(expected: string): Promise<string> {
    while (this.#heard.length < expected.length && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    const heard = this.#heard.slice(0, expected.length);
    this.#heard = this.#heard.slice(expected.length);
    return heard;
  }

  cut(): void {
    this.socket.resetAndDestroy();
  }
}

export class WsClient implements TextClient {
  readonly socket: WebSocket;
  readonly closed: Promise<string>;
  readonly #heard: string[] = [];
  #isClosed = false;
  #changed: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => {
      this.#heard.push(isBinary ? `binary ${String(data)}` : String(data));
      this.#changed();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#isClosed = true;
        this.#changed();
        resolve(this.#heard.join());
      });
    });
  }

  static async open(port: number, options: ClientOptions = {}, path = "/"): Promise<WsClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    const client = new WsClient(socket);
    await Promise.race([once(socket, "open"), client.closed]);
    return client;
  }

  say(text: string): void {
    this.socket.send(text);
  }

  /** One frame, whatever its length. */
  async hears(_expected: string): Promise<string> {
    while (this.#heard.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    return this.#heard.shift() ?? "";
  }

  cut(): void {
    this.socket.terminate();
  }
}

/** What is said, and what must be answered: each is said when the one before was answered. */
export type Talk = readonly (readonly [said: string, answer: string])[];

/** The talk as it really went. */
export async function talkOf(client: TextClient, talk: Talk): Promise<Talk> {
  const went: [string, string][] = [];
  for (const [said, answer] of talk) {
    client.say(said);
    went.push([said, await client.hears(answer)]);
  }
  return went;
}
