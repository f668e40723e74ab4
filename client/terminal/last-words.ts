const SIGNALS = ["SIGTERM", "SIGHUP"] as const;

/** Runs `last` should the process end, by itself or by a signal that asks it to; the returned function stops that. */
export function lastWords(last: (signal?: NodeJS.Signals) => void): () => void {
  const onExit = (): void => last();
  const onSignal = (signal: NodeJS.Signals): void => {
    stop();
    last(signal);
    // Nobody listens any more: now it ends the process, and whoever waits for that sees by what.
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    process.off("exit", onExit);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  // Before anybody who would end it in another way.
  process.prependOnceListener("exit", onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
}
