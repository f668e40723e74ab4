import { rmdir } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { DoorParts, RunningDoor } from "./door.ts";
import { FilesConnection } from "./files-connection.ts";
import { type FilesStore, filesStore, openFolder } from "./files-store.ts";
import { listen } from "./listen.ts";

/** Fewer than at other doors: each may have a file open, and some packets in memory while the disk is behind. */
export const MAX_FILES_CONNECTIONS = 256;

/** Messages and files over TCP. Rejects with a sentence for the folder, or with the system's error for the port. */
export async function openFilesDoor({ filesDir, ...parts }: DoorParts): Promise<RunningDoor> {
  const folder = await openFolder(filesDir);
  // Of a fresh folder nothing is left where nothing came; one with files in it is not deleted by this call.
  const leave = async (): Promise<void> => (filesDir === undefined ? rmdir(folder).catch(() => undefined) : undefined);
  try {
    const door = await serveFiles({ ...parts, store: filesStore(folder) });
    parts.log.info({ folder }, `Uploaded files are kept in ${folder}`);
    return { ...door, close: () => door.close().then(leave) };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** The same with a store of the caller's. */
export async function serveFiles(
  parts: Pick<DoorParts, "clock" | "host" | "log" | "port"> & { readonly store: FilesStore },
): Promise<RunningDoor> {
  const { host } = parts;
  const sockets = new Set<Socket>();
  const runs = new Set<Promise<void>>();
  // Whoever has sent all and ended his half still gets his answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const run = new FilesConnection(socket, whereIs(socket), parts).run();
    runs.add(run);
    void run.then(() => runs.delete(run));
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await listen(server, parts);
  server.maxConnections = MAX_FILES_CONNECTIONS;
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // Nothing is owed to anybody but the files that are whole; of the others, nothing may stay behind.
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, ...runs]);
  };
  return {
    host,
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function whereIs({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? "an unknown address"}:${remotePort ?? 0}`;
}
