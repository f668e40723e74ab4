/** From the first packet of a connection until its client is signed in, one after the other. */
import { freshName } from "../clients/crowd.ts";
import { openClient } from "../clients/open.ts";
import type { DoorId } from "../doors.ts";
import type { SetUp } from "../results.ts";
import { latencyOf } from "../statistics.ts";
import { since } from "../wire-meter.ts";
import type { Stage } from "./busy.ts";

export async function measureSetUp({ server, meter }: Stage, door: DoorId, count: number): Promise<SetUp> {
  const times: number[] = [];
  const before = meter.read();
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const client = await openClient(door, server.places, { name: freshName(door, i) });
    times.push(performance.now() - began);
    client.close();
  }
  const { sent, received, connections } = since(before, meter.read());
  return { latency: latencyOf(times), bytes: (sent + received) / count, connections: connections / count };
}
