import type { Call } from "./calls.ts";
import type { History, Validator, Violation } from "./history.ts";
import { excludes, holdsOn, isIn, type LockCall, lockCallsOf } from "./holds.ts";
import { lossesOf } from "./lives.ts";
import { obstaclesTo } from "./obstacles.ts";
import { timeOf } from "./times.ts";
import { type Wait, waitsOf } from "./waits.ts";

/**
 * Nobody overtakes: of two who want a key, the one who surely waited before the other asked has it first. Nobody is
 * forgotten: while somebody waits in vain, something may be in his way at each moment. Nobody waits for each other.
 */
export const fair: Validator = {
  name: "fair",
  validate: (history) => [
    ...overtaken(history),
    ...lockCallsOf(history).flatMap((lock) => forgotten(history, lock)),
    ...cycles(history),
    ...waitingAtRest(history),
  ],
};

function overtaken(history: History): Violation[] {
  return waitsOf(history).flatMap(({ lock: first, sure, isOne }) =>
    lockCallsOf(history).flatMap((second): Violation[] => {
      const fence = fenceOf(second);
      if (second.from < sure.from || fence === null || second.call.room !== first.call.room) return [];
      const key = contested(first, second).find((one) => !mayHold(history, second, one));
      if (
        key === undefined ||
        lossesOf(history, first.call.room).some(({ to, from }) => to > sure.from && from < second.to)
      ) {
        return [];
      }
      const own = fenceOf(first);
      const isPassed = own === null ? first.code === "locked" && second.to < sure.to : isOne && own > fence;
      if (!isPassed) return [];
      const what = `${second.call.client} got ${JSON.stringify(key)} of ${first.call.room} before ${first.call.client}, who waited for it when that asked.`;
      return [violation(what, first.from, sure.from, second.from, second.to)];
    }),
  );
}

function fenceOf({ answer }: Call): number | null {
  return answer?.kind === "granted" ? answer.fence : null;
}

/** Keys that both want, and not together. */
function contested(a: LockCall, b: LockCall): readonly string[] {
  return excludes(a.request.mode, b.request.mode) ? a.request.keys.filter((key) => b.request.keys.includes(key)) : [];
}

/** Whether the client may have held the key already by another request: then it does not queue. */
function mayHold(history: History, lock: LockCall, key: string): boolean {
  return holdsOn(history, lock.call.room, key).some(
    ({ call, possible }) =>
      call.call.call !== lock.call.call &&
      call.call.client === lock.call.client &&
      possible.from < lock.to &&
      possible.to > lock.from,
  );
}

/** A wait that ended in vain, though there was a moment at which nothing can have been in its way. */
function forgotten(history: History, lock: LockCall): Violation[] {
  const { request, call, from, to, code } = lock;
  // A function that is to run under a lock waits for others of its own program, too.
  const isInLine = request.isSection !== true && request.waitMs > 0;
  if (code !== "locked" || !isInLine || history.times === undefined) return [];
  const [begun, ended] = [timeOf(history, to) - request.waitMs, timeOf(history, from) + request.waitMs];
  const obstacles = request.keys.flatMap((key) => obstaclesTo(history, lock, request.mode, key));
  for (let at = from; at < to; at++) {
    if (timeOf(history, at) <= begun) continue;
    if (timeOf(history, at + 1) >= ended) break;
    if (obstacles.some((stretch) => stretch.from <= at && stretch.to > at)) continue;
    const what = `${call.client} waited in vain for ${JSON.stringify(request.keys)} of ${call.room}, and nobody had them.`;
    return [violation(what, from, at, to)];
  }
  return [];
}

/** Clients who wait for what the next one holds, around in a circle. */
function cycles(history: History): Violation[] {
  const waits = waitsOf(history);
  return waits.flatMap(({ lock, sure: { from: at } }): Violation[] => {
    const { room, client } = lock.call;
    const open = waits.filter((wait) => wait.lock.call.room === room && wait.sure.from <= at && at < wait.sure.to);
    const reached = new Set<string>();
    const behind = [client];
    for (let one = behind.pop(); one !== undefined; one = behind.pop()) {
      for (const wait of open) {
        if (wait.lock.call.client !== one) continue;
        for (const holder of holdersOf(history, wait, at))
          if (reached.size < reached.add(holder).size) behind.push(holder);
      }
    }
    if (!reached.has(client)) return [];
    return [
      violation(`${client} waits in ${room} for who waits for ${client}: ${[...reached].join(", ")}.`, lock.from, at),
    ];
  });
}

function holdersOf(history: History, { lock }: Wait, at: number): readonly string[] {
  return lock.request.keys.flatMap((key) =>
    holdsOn(history, lock.call.room, key)
      .filter(
        ({ sure, request, call }) =>
          sure !== null &&
          isIn(sure, at) &&
          excludes(request.mode, lock.request.mode) &&
          call.call.client !== lock.call.client,
      )
      .map(({ call }) => call.call.client),
  );
}

function waitingAtRest({ events }: History): Violation[] {
  return events.flatMap((event, at): Violation[] => {
    if (event.kind !== "rest" || event.waiters.length === 0) return [];
    return [violation(`In ${event.room}, ${JSON.stringify(event.waiters)} wait without an end.`, at)];
  });
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: fair.name, what, at: at.filter((place) => place !== Infinity) };
}
