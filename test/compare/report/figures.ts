/** Finds the figures of a run. */
import { DOOR_IDS, DOORS, type DoorId } from "../doors.ts";
import type { Latency, Memory, Notice, NoticeKind, Results, SetUp, Work, WorkKind } from "../results.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Measured } from "./sentences.ts";

export class Figures {
  readonly results: Results;

  constructor(results: Results) {
    this.results = results;
  }

  /** The doors that were there. */
  get doors(): readonly DoorId[] {
    const seen = new Set(this.results.work.map(({ door }) => door));
    return DOOR_IDS.filter((door) => seen.has(door));
  }

  /** The most clients that there were, and a number in the middle. */
  get most(): number {
    return Math.max(...this.results.clients);
  }

  get many(): number {
    return this.results.clients.includes(100) ? 100 : this.most;
  }

  work(kind: WorkKind, of: (work: Work) => number): Spread | null {
    const found = this.results.work.find(
      (one) =>
        one.door === kind.door &&
        one.role === kind.role &&
        one.clients === kind.clients &&
        one.operation === kind.operation &&
        one.size === kind.size,
    );
    return spreadOf((found?.rounds ?? []).map(of));
  }

  /** Of whoever works in his own room, or in the one that all share. */
  own(door: DoorId, kind: Omit<WorkKind, "door" | "role">, of: (work: Work) => number): Spread | null {
    return this.work({ door, role: DOORS[door].roles[0] ?? "guest", ...kind }, of);
  }

  opened(door: DoorId, clients: number): Spread | null {
    const found = this.results.crowds.find((one) => one.door === door && one.clients === clients);
    return spreadOf(found?.perSecond ?? []);
  }

  setUp(door: DoorId, of: (setUp: SetUp) => number): Spread | null {
    return spreadOf((this.results.setUps.find((one) => one.door === door)?.rounds ?? []).map(of));
  }

  memory(door: DoorId, of: (memory: Memory) => number): Spread | null {
    return spreadOf((this.results.memory.find((one) => one.door === door)?.rounds ?? []).map(of));
  }

  notice({ door, everyMs }: NoticeKind, of: (notice: Notice) => number): Spread | null {
    const found = this.results.notices.find((one) => one.door === door && one.everyMs === everyMs);
    return spreadOf((found?.rounds ?? []).map(of));
  }

  together(door: DoorId, of: "perSecond" | "serverMicros"): Spread | null {
    return spreadOf(this.results.together.find((one) => one.door === door)?.[of] ?? []);
  }
}

/** A door's name with its figures. */
export function named(door: DoorId, figures: Spread | null): Measured {
  return { name: DOORS[door].name, figures };
}

export const p50 = ({ latency }: { readonly latency: Latency }): number => latency.p50;
export const p95 = ({ latency }: { readonly latency: Latency }): number => latency.p95;
export const p99 = ({ latency }: { readonly latency: Latency }): number => latency.p99;
export const rate = (work: Work): number => work.perSecond;
export const cpu = (work: { readonly serverMicros: number }): number => work.serverMicros;
export const carried = ({ bytesSent, bytesReceived }: Work): number => bytesSent + bytesReceived;
