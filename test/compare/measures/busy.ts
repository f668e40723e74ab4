/** Keeps operations under way, and says what they cost. */
import { cpuMicros, pause } from "../../bench/measure.ts";
import type { MeasuredServer } from "../measured-server.ts";
import type { Work } from "../results.ts";
import { latencyOf } from "../statistics.ts";
import { since, type Traffic, type WireMeter } from "../wire-meter.ts";

export interface Stage {
  readonly server: MeasuredServer;
  readonly meter: WireMeter;
}

/** A share of the time, before it is counted. */
const WARM_UP = 0.3;
/** For how long operations are counted. */
export interface Span {
  readonly ms: number;
  /** However slow they are, and longer where they need it. */
  readonly leastOperations: number;
}

/** @param lanes each starts an operation when its last one was answered */
export async function keepBusy(
  { server, meter }: Stage,
  lanes: readonly (() => Promise<unknown>)[],
  { ms, leastOperations }: Span,
): Promise<Work> {
  let running = true;
  let times: number[] = [];
  const drive = async (operation: () => Promise<unknown>): Promise<void> => {
    while (running) {
      const began = performance.now();
      await operation();
      times.push(performance.now() - began);
    }
  };
  const driven = Promise.all(lanes.map(drive));
  // Should one fail, no time is to be waited for.
  const wait = (some: number): Promise<unknown> => Promise.race([pause(some), driven]);
  const look = async (): Promise<Look> => {
    const { cpuMicros: ofServer } = await server.costs();
    return { ofServer, ofClient: cpuMicros(), at: performance.now(), traffic: meter.read() };
  };
  try {
    await wait(ms * WARM_UP);
    const before = await look();
    times = [];
    do await wait(ms);
    while (times.length < leastOperations);
    const after = await look();
    const work = workOf(times, before, after);
    running = false;
    await driven;
    return work;
  } finally {
    running = false;
  }
}

interface Look {
  readonly ofServer: number;
  readonly ofClient: number;
  /** Ms. */
  readonly at: number;
  readonly traffic: Traffic;
}

/** @param times of all operations that were answered between the looks, in ms */
function workOf(times: readonly number[], before: Look, after: Look): Work {
  const operations = times.length;
  const traffic = since(before.traffic, after.traffic);
  return {
    latency: latencyOf(times),
    perSecond: (operations / (after.at - before.at)) * 1_000,
    serverMicros: (after.ofServer - before.ofServer) / operations,
    clientMicros: (after.ofClient - before.ofClient) / operations,
    bytesSent: traffic.sent / operations,
    bytesReceived: traffic.received / operations,
    connections: traffic.connections / operations,
  };
}
