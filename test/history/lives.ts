import { derived } from "./derived.ts";
import type { History } from "./history.ts";

/** The end of one life of a room: it happened once, between these places in the history. */
export interface Loss {
  readonly from: number;
  /** Infinity where it was not done at the end. */
  readonly to: number;
  /** With the server: what was sent to it before is lost as well. */
  readonly isRestart: boolean;
}

interface Lost extends Loss {
  readonly room: string | null;
}

const allLosses = derived(({ events }: History): readonly Lost[] => {
  const losses: Lost[] = [];
  for (const [at, event] of events.entries()) {
    if (event.kind !== "lost") continue;
    const { room, phase } = event;
    if (phase === "begun") losses.push({ room, from: at, to: Infinity, isRestart: room === null });
    else {
      const open = losses.findLastIndex((loss) => loss.room === room && loss.to === Infinity);
      const begun = losses[open];
      if (begun === undefined) throw new Error(`A loss is done at ${at} that never began.`);
      losses[open] = { ...begun, to: at };
    }
  }
  return losses;
});

/** Of which only restarts are the losses. */
export const ALL_ROOMS = "*";

/** The losses of one room, in order. Its lives are counted from 0: the life `n` is the one behind `n` losses. */
export function lossesOf(history: History, room: string): readonly Loss[] {
  return allLosses(history).filter((loss) => loss.room === null || loss.room === room);
}

/** In which lives something can have happened that happened between these places. */
export function livesBetween(losses: readonly Loss[], from: number, to: number): { first: number; last: number } {
  const first = losses.filter((loss) => loss.to < from).length;
  return { first, last: losses.filter((loss) => loss.from < to).length };
}

/** The life in which something happened; null where it can have been in several. */
export function lifeBetween(losses: readonly Loss[], from: number, to: number): number | null {
  const { first, last } = livesBetween(losses, from, to);
  return first === last ? first : null;
}
