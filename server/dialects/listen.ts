import type { AddressInfo, Server } from "node:net";
import type { DoorParts } from "./door.ts";

/** Connections of one door; whoever comes beyond them is closed at once. */
export const MAX_CONNECTIONS = 4_096;

/** Resolves with the port; rejects when it cannot be had. */
export async function listen(server: Server, { host, port }: Pick<DoorParts, "host" | "port">): Promise<number> {
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
