let isTelling = false;
const next: (() => void)[] = [];

/**
 * Calls all listeners. One that throws spoils nothing for the others; its error goes where uncaught errors go. What a
 * listener causes to be told is told when all have heard what it has heard: nobody hears the later thing first.
 */
export function tellAll<A extends unknown[]>(listeners: Iterable<(...args: A) => void>, ...args: A): void {
  next.push(() => {
    for (const listener of [...listeners]) tell(() => listener(...args));
  });
  if (isTelling) return;
  isTelling = true;
  for (let run = next.shift(); run !== undefined; run = next.shift()) run();
  isTelling = false;
}

function tell(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
