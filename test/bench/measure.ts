import type { MeasuredServer } from "./servers.ts";

/** Starts one operation of the connection; resolves when it is answered. */
export type Operation = (connection: number) => Promise<unknown>;

/** Somebody who keeps operations under way. */
export interface Contender {
  readonly server: MeasuredServer;
  readonly connections: number;
  /** On each connection. */
  readonly inFlight: number;
  readonly operation: Operation;
}

export interface Throughput {
  readonly opsPerSecond: number;
  /** CPU time of the server for one operation. */
  readonly cpuMicros: number;
  /** CPU time of this process, the client's, for one operation. */
  readonly clientMicros: number;
}

const ROUNDS = 5;
const WARM_UP_MS = 100;
const MEASURE_MS = 500;

/** The median of each contender. */
export async function compete(contenders: readonly Contender[]): Promise<readonly Throughput[]> {
  const samples = await inTurn(
    ROUNDS,
    contenders.map((contender) => () => measure(contender)),
  );
  return samples.map((some) => ({
    opsPerSecond: median(some.map(({ opsPerSecond }) => opsPerSecond)),
    cpuMicros: median(some.map(({ cpuMicros }) => cpuMicros)),
    clientMicros: median(some.map(({ clientMicros }) => clientMicros)),
  }));
}

/** Runs them one after the other, again and again, so that what else the machine does hits all alike. */
export async function inTurn<T>(rounds: number, runs: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const samples: T[][] = runs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runs.entries()) samples[i]?.push(await run());
  }
  return samples;
}

/** Keeps operations under way on each connection for a while, and counts what is answered. */
async function measure({ server, connections, inFlight, operation }: Contender): Promise<Throughput> {
  let running = true;
  let done = 0;
  const lane = async (connection: number): Promise<void> => {
    while (running) {
      await operation(connection);
      done++;
    }
  };
  const lanes = Array.from({ length: connections * inFlight }, (_, i) => lane(i % connections));
  await pause(WARM_UP_MS);
  const look = async () => ({ cpu: await server.cpuMicros(), client: cpuMicros(), done, ms: performance.now() });
  const before = await look();
  await pause(MEASURE_MS);
  const after = await look();
  running = false;
  await Promise.all(lanes);
  const ops = after.done - before.done;
  return {
    opsPerSecond: (ops / (after.ms - before.ms)) * 1000,
    cpuMicros: (after.cpu - before.cpu) / ops,
    clientMicros: (after.client - before.client) / ops,
  };
}

/** CPU time of this process so far, user and system. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** @param share like 0.99 for what 99 of 100 stay below */
export function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.NaN;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ms by a clock that all processes of the machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
