/** Clients of the JSON door that know nothing but WebSockets. */
import { once } from "node:events";
import type { ClientOptions } from "ws";
import { WsClient } from "./text-clients.ts";

export function openJson(port: number, options: ClientOptions = {}): Promise<WsClient> {
  return WsClient.open(port, options, "/ws");
}

/** The answer to a message, word for word; of one message at a time. */
export function ask(client: WsClient, message: object): Promise<string> {
  client.say(JSON.stringify(message));
  return client.hears("");
}

/** Resolves when the server has looked at all that was said: what is not answered by then waits. */
export async function looked(client: WsClient): Promise<void> {
  const pong = once(client.socket, "pong");
  client.socket.ping();
  await pong;
}
