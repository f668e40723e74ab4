/** Figures as a comparison of the doors could have found them. */
import { DOOR_IDS, DOORS, type DoorId } from "../compare/doors.ts";
import { FORMS } from "../compare/forms.ts";
import { noticesOf, PIPELINED, visitsOf } from "../compare/plan.ts";
import type { Run } from "../compare/report/run.ts";
import { OPERATIONS, type Results, SIZES, type SizeName } from "../compare/results.ts";

export const RUN: Run = {
  began: "2026-01-31",
  tookS: 600,
  load: { before: 0.1, after: 1.5 },
  machine: {
    processor: "Some Processor",
    cores: 2,
    memoryBytes: 8 * 2 ** 30,
    system: "Linux 6.1",
    node: "v20.19.0",
    packages: { ws: "8.0.0" },
  },
  systemPorts: { ephemeral: { lowest: 32_768, highest: 60_999 }, unprivileged: 1_024 },
  form: FORMS.long,
};

/** What each door needs, as a multiple of something; every cost grows with it. */
export function resultsOf(cost: (door: DoorId) => number, clients: readonly number[] = [1, 100]): Results {
  const around = (figure: number): readonly number[] => [figure, 0.99 * figure, 1.01 * figure];
  const latency = (ms: number) => ({ p50: ms, p95: 2 * ms, p99: 3 * ms });
  const work = visitsOf({ clients }, 0).flatMap((visit) =>
    OPERATIONS.filter((operation) => operation === "get" || visit.role !== "manager" || DOORS[visit.door].putsElsewhere)
      .flatMap((operation) => (Object.keys(SIZES) as readonly SizeName[]).map((size) => ({ operation, size })))
      .map((kind) => ({
        ...visit,
        ...kind,
        rounds: around(cost(visit.door)).map((ms) => ({
          latency: latency(ms),
          perSecond: 1_000 / ms,
          serverMicros: 10 * ms,
          clientMicros: 10 * ms,
          bytesSent: 30 * ms,
          bytesReceived: 30 * ms,
          connections: visit.door === "sio-polling" ? 2 : 0,
        })),
      })),
  );
  return {
    form: "long",
    rounds: 3,
    clients,
    observers: 20,
    memoryConnections: 1_000,
    work,
    crowds: DOOR_IDS.flatMap((door) =>
      clients.map((count) => ({ door, clients: count, perSecond: around(1_000 / cost(door)) })),
    ),
    setUps: DOOR_IDS.map((door) => ({
      door,
      rounds: around(cost(door)).map((ms) => ({ latency: latency(ms), bytes: 100 * ms, connections: 1 })),
    })),
    memory: DOOR_IDS.map((door) => ({
      door,
      rounds: around(cost(door)).map((ms) => ({ rss: 20_000 * ms, used: 4_000 * ms })),
    })),
    notices: noticesOf(FORMS.long).map((kind) => ({
      ...kind,
      rounds: around(kind.everyMs ?? cost(kind.door)).map((ms) => ({
        latency: latency(ms),
        seenShare: kind.everyMs === 1_000 ? 0.4 : 1,
        serverMicros: 100_000 / ms,
        bytes: 100_000 / ms,
      })),
    })),
    together: PIPELINED.map((door) => ({ door, perSecond: around(1_000 / cost(door)), serverMicros: around(10) })),
    names: { times: 100, oneWinner: 100 },
    counts: [
      { way: "carelessly", expected: 200, lost: [120, 130, 110], stepMs: around(0.3) },
      { way: "carefully", expected: 200, lost: [0, 0, 0], stepMs: around(0.9) },
    ],
    ports: DOOR_IDS.filter((door) => door === "tcp-text" || door === "sio-websocket").map((door) => ({
      door,
      server: 40_000,
      clients: 100,
      lowest: 32_770,
      highest: 60_998,
    })),
    failures: [],
  };
}
