import type { LockMode } from "../../protocol/fields.ts";
import { type Call, callsOf } from "./calls.ts";
import type { History, Validator, Violation } from "./history.ts";
import { type Hold, holdsOn, isIn, type LockCall, lockCallsOf, lostOf } from "./holds.ts";
import { ALL_ROOMS, lossesOf } from "./lives.ts";
import { obstaclesTo } from "./obstacles.ts";
import { LATE_MS, sessionAt, sessionsOf } from "./sessions.ts";
import { timeOf } from "./times.ts";
import { type Value, valuesOf } from "./values.ts";

/**
 * What a session has stays with it, through reconnects within its grace: its locks, their fences and its ephemeral keys.
 * When it is over all that goes, once: nobody is kept off by locks of a session that is no more.
 */
export const kept: Validator = {
  name: "kept",
  validate: (history) => [
    ...callsOf(history).flatMap((call) => [...keptOff(history, call), ...denied(history, call)]),
    ...taken(history),
    ...lockCallsOf(history).flatMap((lock) => unwarned(history, lock)),
    ...leftBehind(history),
    ...valuesOf(history).values.flatMap((value) => ephemeral(history, value)),
  ],
};

/** Ms that the last word of a server may have been on its way before it was heard. */
const LONGEST_WAY_MS = 10_000;

/** Whoever is told of a lock in his way, though there can be none. */
function keptOff(history: History, call: Call): Violation[] {
  const { code, from, to } = call;
  const asked = code === "locked" && !call.isGone ? askedOf(call) : null;
  if (asked === null || asked.waitMs > 0) return [];
  const obstacles = asked.keys.flatMap((key) => obstaclesTo(history, call, asked.mode, key));
  if (obstacles.some((stretch) => stretch.from <= to && stretch.to > from)) return [];
  const what = `${call.call.client} was kept off ${JSON.stringify(asked.keys)} of ${call.call.room}, which nobody had.`;
  return [violation(what, from, to)];
}

interface Asked {
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly waitMs: number;
}

/** The locks that a request needs. */
function askedOf({ call: { request } }: Call): Asked | null {
  switch (request.kind) {
    case "lock":
      return request;
    case "touch":
      return { keys: [request.key], mode: "exclusive", waitMs: 0 };
    case "write":
      return {
        keys: [...request.puts.map(({ key }) => key), ...request.deletes],
        mode: "exclusive",
        waitMs: request.waitMs ?? 0,
      };
    default:
      return null;
  }
}

/** A fence that is told as stale while its lock is surely held. */
function denied(history: History, { call, code, from, to }: Call): Violation[] {
  const { request, room } = call;
  if (code !== "stale_fence" || request.kind !== "write") return [];
  const keys = [...request.puts.map(({ key }) => key), ...request.deletes];
  const holds = keys.map((key) => onlyHold(holdsOn(history, room, key), request.fence, to));
  const isLive = holds.every((hold) => hold?.request.mode === "exclusive" && covers(hold, from, to));
  return isLive
    ? [violation(`${call.client} was told that its fence ${request.fence} is stale, and was not.`, from, to)]
    : [];
}

/** The hold of this fence; undefined where its owner has asked for the key more than once: then it may have another. */
function onlyHold(holds: readonly Hold[], fence: number | undefined, before: number): Hold | undefined {
  const hold = holds.find((one) => one.fence === fence);
  const others = holds.filter(({ call }) => call.call.client === hold?.call.call.client && call.from < before);
  return others.length === 1 ? hold : undefined;
}

function covers({ sure }: Hold, from: number, to: number): boolean {
  return sure !== null && sure.from < from && to < sure.to;
}

/** Locks that are told as lost, and nothing had happened that could end them. */
function taken(history: History): Violation[] {
  return lostOf(history).flatMap(({ at, client, room, keys }) =>
    keys.flatMap((key): Violation[] => {
      const hold = holdsOn(history, room, key).find(
        ({ call, sure }) => call.call.client === client && sure !== null && isIn(sure, at),
      );
      if (hold === undefined) return [];
      return [violation(`${client} has lost ${JSON.stringify(key)} of ${room} for no reason.`, hold.call.to, at)];
    }),
  );
}

/** A function that goes on as if it held a lock, long after that can have been. */
function unwarned(history: History, lock: LockCall): Violation[] {
  const { client, room } = lock.call;
  const { keys, isSection } = lock.request;
  if (isSection !== true || lock.answer === null || history.times === undefined) return [];
  const isEnd = ({ call, from }: Call): boolean =>
    from > lock.to && call.client === client && call.room === room && call.request.kind === "unlock";
  const end = callsOf(history).find((call) => isEnd(call) && keysOf(call).every((key) => keys.includes(key)));
  const until = end?.from ?? history.events.length - 1;
  const told = lostOf(history).find((lost) => {
    const isOfThis = lost.client === client && lost.room === room && lost.keys.some((key) => keys.includes(key));
    return isOfThis && lost.at > lock.to && lost.at < until;
  });
  const restart = lossesOf(history, ALL_ROOMS).find(({ from }) => from > lock.to);
  const over = sessionAt(history, client, lock.to)?.possiblyTo;
  const dues = [
    { at: told?.at, ms: LATE_MS },
    // Nobody tells a client of a restart: it has to wait, as if the server could come back and know it.
    { at: restart?.from, ms: (history.graceMs ?? 0) + LONGEST_WAY_MS },
    { at: over === restart?.to ? undefined : over, ms: LONGEST_WAY_MS },
  ];
  return dues.flatMap(({ at = Infinity, ms }): Violation[] => {
    if (at >= until || timeOf(history, until) - timeOf(history, at) <= ms) return [];
    return [violation(`${client} went on under a lock of ${room} that was lost.`, lock.to, at, until)];
  });
}

function keysOf({ call: { request } }: Call): readonly string[] {
  return request.kind === "unlock" ? request.keys : [];
}

/** Locks that are there at the end, of sessions that are not. */
function leftBehind(history: History): Violation[] {
  return history.events.flatMap((event, at): Violation[] => {
    if (event.kind !== "rest") return [];
    return event.holders.flatMap(({ key, owner }): Violation[] => {
      const isOver = (sessionsOf(history).get(owner)?.possiblyTo ?? 0) <= at;
      return isOver
        ? [violation(`${JSON.stringify(key)} of ${event.room} is locked by a session that is over.`, at)]
        : [];
    });
  });
}

function ephemeral(history: History, { room, key, life, write, there, end }: Value): Violation[] {
  const [call] = write?.calls ?? [];
  const session = call === undefined ? null : sessionAt(history, call.call.client, there.from);
  if (life.ephemeral !== true || session === null) return [];
  const name = `The ephemeral ${JSON.stringify(key)} of ${room}`;
  if (session.possiblyTo < Math.min(there.to, history.events.length)) {
    return [violation(`${name} was there when its session was over.`, there.from, session.possiblyTo)];
  }
  const isDue = life.ttlMs !== undefined || isTouched(history, room, key);
  if (end !== "deleted" || isDue || session.surelyTo <= there.to) return [];
  return [violation(`${name} has gone before its session.`, there.from, there.to)];
}

/** By then it may have gone because its time was over. */
function isTouched(history: History, room: string, key: string): boolean {
  return callsOf(history).some(
    ({ call }) => call.room === room && call.request.kind === "touch" && call.request.key === key,
  );
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: kept.name, what, at: at.filter((place) => place !== Infinity) };
}
