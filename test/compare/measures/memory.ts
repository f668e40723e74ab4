/** What a connection costs the server in memory, read from a server that has done nothing else. */
import { openCrowd } from "../clients/crowd.ts";
import type { DoorId } from "../doors.ts";
import { MeasuredServer } from "../measured-server.ts";
import type { Memory } from "../results.ts";

/** Until here code is loaded and compiled, which is no connection's. */
const FIRST = 20;

/** @param used a server that has worked before; without it a fresh one is started */
export async function measureMemory(used: MeasuredServer | null, door: DoorId, count: number): Promise<Memory> {
  const server = used ?? (await MeasuredServer.start());
  try {
    const first = await openCrowd(door, server.places, FIRST);
    const before = await server.costs("memory");
    const clients = await openCrowd(door, server.places, count);
    const after = await server.costs("memory");
    for (const client of [...first, ...clients]) client.close();
    return { rss: (after.rss - before.rss) / count, used: (after.used - before.used) / count };
  } finally {
    if (used === null) await server.stop();
  }
}
