import type { MeasuredServer } from "./measured-server.ts";

/** Starts one operation of the connection; resolves when it is answered. */
export type Operation = (connection: number) => Promise<unknown>;

export interface Sample {
  readonly opsPerSecond: number;
  /** CPU time of the server for one operation. */
  readonly cpuMicros: number;
}

const WARM_UP_MS = 100;
const MEASURE_MS = 500;

/** Keeps `inFlight` operations under way on each connection for a while, and counts what is answered. */
export async function measure(
  server: MeasuredServer,
  connections: number,
  inFlight: number,
  operation: Operation,
): Promise<Sample> {
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
  const [cpuBefore, doneBefore, began] = [await server.cpuMicros(), done, performance.now()];
  await pause(MEASURE_MS);
  const [cpuAfter, doneAfter, ended] = [await server.cpuMicros(), done, performance.now()];
  running = false;
  await Promise.all(lanes);
  const ops = doneAfter - doneBefore;
  return { opsPerSecond: (ops / (ended - began)) * 1000, cpuMicros: (cpuAfter - cpuBefore) / ops };
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
