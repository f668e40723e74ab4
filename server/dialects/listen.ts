import type { AddressInfo, Server } from "node:net";
import type { DoorParts } from "./door.ts";

/** Connections of one door; whoever comes beyond them is closed at once. */
export const MAX_CONNECTIONS = 4_096;

/** Resolves with the port; rejects when it cannot be had. What goes wrong later is logged, and ends nothing. */
export async function listen(
  server: Server,
  { host, port, log }: Pick<DoorParts, "host" | "port" | "log">,
): Promise<number> {
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Too few file descriptors for one more connection, for instance.
  server.on("error", (error) => log.error({ err: error }, `could not take a connection at ${host}:${port}`));
  return (server.address() as AddressInfo).port;
}
