import { takeInterrupts } from "./interrupts.ts";

const OTHERS = ["SIGTERM", "SIGHUP"] as const;

export type Ending = "SIGINT" | (typeof OTHERS)[number];

/**
 * Until the returned function is called, which may be called again, a signal that asks the process to end calls
 * `listener` and nobody else.
 */
export function takeSignals(listener: (signal: Ending) => void): () => void {
  const stops = [takeInterrupts(() => listener("SIGINT"))];
  for (const signal of OTHERS) {
    const onSignal = (): void => listener(signal);
    process.on(signal, onSignal);
    stops.push(() => process.off(signal, onSignal));
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}
