import type { DoorId } from "../doors.ts";
import type { Client, Places, Visitor } from "./client.ts";
import { SdkClient } from "./sdk.ts";
import { SocketIoClient } from "./socket-io.ts";
import { openLines, openSilence } from "./tcp-lines.ts";
import { TextClient } from "./text-client.ts";
import { JsonClient, openFrames } from "./web-socket.ts";

/** Connects and signs in; as a manager also asks for the role and, where the door can tell of changes, watches. */
export async function openClient(door: DoorId, places: Places, visitor: Visitor): Promise<Client> {
  const { host, ports } = places;
  switch (door) {
    case "tcp-text":
      return TextClient.signIn(await openLines(places), visitor);
    case "tcp-silence":
      return TextClient.signIn(await openSilence(places), visitor);
    case "ws-text":
      return TextClient.signIn(await openFrames(`ws://${host}:${ports["ws-text"] ?? 0}/`), visitor);
    case "ws-json":
      return new JsonClient(await openFrames(`ws://${host}:${ports["ws-json"] ?? 0}/ws`), `${visitor.name}-`);
    case "sio-polling":
      return SocketIoClient.open(places, "polling", visitor);
    case "sio-websocket":
      return SocketIoClient.open(places, "websocket", visitor);
    case "sdk":
      return SdkClient.open(places, visitor);
  }
}
