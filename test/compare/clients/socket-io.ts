import { io, type Socket } from "socket.io-client";
import * as v from "valibot";
import { parsePush } from "../../../protocol/pushes.ts";
import type { Client, Places, Visitor } from "./client.ts";

const Answer = v.variant("ok", [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), error: v.object({ message: v.string() }) }),
]);
const Entry = v.object({ value: v.string() });

/** A plain socket.io-client: one event for each operation. */
export class SocketIoClient implements Client {
  readonly #socket: Socket;
  readonly #room: { readonly room?: string };
  readonly #pending = new Set<(why: Error) => void>();

  private constructor(socket: Socket, room: string | undefined) {
    this.#socket = socket;
    this.#room = room === undefined ? {} : { room };
    socket.on("disconnect", (reason) => {
      for (const reject of this.#pending) reject(lost(reason));
    });
  }

  static async open(places: Places, transport: "polling" | "websocket", visitor: Visitor): Promise<SocketIoClient> {
    const { name, room, noticed } = visitor;
    const socket = io(places.url, {
      auth: { user: name },
      forceNew: true,
      reconnection: false,
      transports: [transport],
    });
    await new Promise((resolve, reject) => {
      socket.once("session", resolve).once("connect_error", reject);
      socket.once("disconnect", (reason) => reject(lost(reason)));
    });
    const client = new SocketIoClient(socket, room);
    if (room === undefined) return client;
    if (noticed !== undefined) {
      socket.on("changes", (push) => {
        for (const { puts } of parsePush("changes", push).changes) for (const { value } of puts) noticed(value);
      });
    }
    await client.#ask("upgrade", {});
    await client.#ask("watch", client.#room);
    return client;
  }

  async get(key: string): Promise<string> {
    return v.parse(Entry, await this.#ask("get", { key, ...this.#room })).value;
  }

  async put(key: string, value: string): Promise<void> {
    await this.#ask("put", { key, value, ...this.#room });
  }

  close(): void {
    this.#socket.disconnect();
  }

  #ask(name: string, payload: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // It would be kept for a connection that never comes.
      if (!this.#socket.connected) reject(lost("before a request"));
      this.#pending.add(reject);
      this.#socket.emit(name, payload, (answered: unknown) => {
        this.#pending.delete(reject);
        const answer = v.parse(Answer, answered);
        if (answer.ok) resolve(answer.value);
        else reject(new Error(`${name} was refused: ${answer.error.message}`));
      });
    });
  }
}

function lost(reason: string): Error {
  return new Error(`Socket.IO was disconnected: ${reason}.`);
}
