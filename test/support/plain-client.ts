import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { WireError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { type Push, parsePush } from "../../protocol/pushes.ts";
import { EventQueue } from "./event-queue.ts";

export type PlainOptions = Partial<ManagerOptions & SocketOptions>;

/** A client that knows Socket.IO and the contract, and nothing of the SDK. */
export class PlainClient {
  readonly socket: Socket;
  readonly events: EventQueue;

  constructor(url: string, auth: Record<string, unknown>, options: PlainOptions = {}) {
    this.socket = io(url, { auth, autoConnect: false, forceNew: true, transports: ["websocket"], ...options });
    this.events = new EventQueue(this.socket);
    this.socket.connect();
  }

  /** The next `session` push; rejects with the refusal's `connect_error` where that comes first. */
  async session(): Promise<Push<"session">> {
    const { name, payload } = await this.events.first("session", "connect_error");
    if (name === "connect_error") throw payload;
    return parsePush("session", payload);
  }

  /** What came with the next refusal. */
  async refusal(): Promise<unknown> {
    const error = await this.events.next("connect_error");
    return error instanceof Error && "data" in error ? error.data : error;
  }

  /** The acknowledgement of a request, whatever it is. */
  ask(name: string, ...payloads: readonly unknown[]): Promise<Answer<unknown>> {
    return new Promise((resolve) => this.socket.emit(name, ...payloads, resolve));
  }

  /** The value of a request that must succeed. */
  async value(name: string, ...payloads: readonly unknown[]): Promise<unknown> {
    const answer = await this.ask(name, ...payloads);
    if (answer.ok) return answer.value;
    throw new Error(`${name} was refused: ${JSON.stringify(answer.error)}`);
  }

  /** The error of a request that must fail. */
  async error(name: string, ...payloads: readonly unknown[]): Promise<WireError> {
    const answer = await this.ask(name, ...payloads);
    if (!answer.ok) return answer.error;
    throw new Error(`${name} succeeded: ${JSON.stringify(answer.value)}`);
  }
}
