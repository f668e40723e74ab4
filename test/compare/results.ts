/** What a run finds out. Each list of figures has one for each round. */
import type { DoorId, Role } from "./doors.ts";

export const OPERATIONS = ["get", "put"] as const;
export type OperationName = (typeof OPERATIONS)[number];

export const SIZES = { small: 20, large: 1_024 } as const;
export type SizeName = keyof typeof SIZES;

/** Of a distribution of times, in ms. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Work {
  readonly latency: Latency;
  readonly perSecond: number;
  /** For one operation, like the following. */
  readonly serverMicros: number;
  readonly clientMicros: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly connections: number;
}

/** Which operation of which clients. */
export interface WorkKind {
  readonly door: DoorId;
  readonly role: Role;
  readonly clients: number;
  readonly operation: OperationName;
  readonly size: SizeName;
}

/** Many connections that are opened at once. */
export interface Crowd {
  readonly door: DoorId;
  readonly clients: number;
  readonly perSecond: readonly number[];
}

export interface SetUp {
  readonly latency: Latency;
  readonly bytes: number;
  readonly connections: number;
}

export interface Memory {
  /** Bytes for one connection. */
  readonly rss: number;
  readonly used: number;
}

/** How one comes to know of changes: null is told, others ask every so many ms. */
export interface NoticeKind {
  readonly door: DoorId;
  readonly everyMs: number | null;
}

export interface Notice {
  /** From a put until a client knows of it, or of something newer. */
  readonly latency: Latency;
  /** Of the changes, how many a client has seen. */
  readonly seenShare: number;
  /** For one client and second. */
  readonly serverMicros: number;
  readonly bytes: number;
}

export interface Together {
  readonly door: DoorId;
  readonly perSecond: readonly number[];
  readonly serverMicros: readonly number[];
}

/** How several programs count in one key. */
export interface Count {
  readonly way: string;
  readonly expected: number;
  readonly lost: readonly number[];
  /** Ms for each step. */
  readonly stepMs: readonly number[];
}

export interface Ports {
  readonly door: DoorId;
  /** Where the server listened in this run. */
  readonly server: number;
  /** Different ports of clients, and their range. */
  readonly clients: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Results {
  readonly form: string;
  readonly rounds: number;
  readonly clients: readonly number[];
  readonly observers: number;
  readonly memoryConnections: number;
  readonly work: readonly (WorkKind & { readonly rounds: readonly Work[] })[];
  readonly crowds: readonly Crowd[];
  readonly setUps: readonly { readonly door: DoorId; readonly rounds: readonly SetUp[] }[];
  readonly memory: readonly { readonly door: DoorId; readonly rounds: readonly Memory[] }[];
  readonly notices: readonly (NoticeKind & { readonly rounds: readonly Notice[] })[];
  readonly together: readonly Together[];
  /** How often one name was wanted by three at once, and how often exactly one got it. */
  readonly names: { readonly times: number; readonly oneWinner: number };
  readonly counts: readonly Count[];
  readonly ports: readonly Ports[];
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
}
