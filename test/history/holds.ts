/**
 * Who holds which lock, as far as clients can know: surely, from the answer on until something may have ended it; and
 * possibly, from the request on until something surely has.
 */
import type { LockMode } from "../../protocol/fields.ts";
import { type Call, callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import { type EventOf, type History, isOpen, type LockRequest } from "./history.ts";
import { lossesOf } from "./lives.ts";
import { LATE_MS, type SessionLife, sessionAt, soonest } from "./sessions.ts";
import { placeAfter, timeOf } from "./times.ts";

/** From one place in the history to before another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What a request for a lock means for one of its keys. */
export interface Hold {
  readonly call: Call;
  readonly request: LockRequest;
  readonly key: string;
  readonly session: SessionLife | null;
  /** Of the grant; null where none was told. */
  readonly fence: number | null;
  readonly sure: Stretch | null;
  /** While it waits, and while it holds. */
  readonly possible: Stretch;
}

/** By room and key. */
export const holdsOf = derived((history: History): ReadonlyMap<string, readonly Hold[]> => {
  const holds = new Map<string, Hold[]>();
  for (const call of lockCallsOf(history)) {
    for (const key of call.request.keys) listAt(holds, nameOf(call.call.room, key)).push(holdOf(history, call, key));
  }
  return holds;
});

export function holdsOn(history: History, room: string, key: string): readonly Hold[] {
  return holdsOf(history).get(nameOf(room, key)) ?? [];
}

export interface LockCall extends Call {
  readonly request: LockRequest;
}

/** All requests for locks, in the order in which they were made. */
export const lockCallsOf = derived((history: History): readonly LockCall[] =>
  callsOf(history).flatMap((call) => {
    const { request } = call.call;
    return request.kind === "lock" ? [{ ...call, request }] : [];
  }),
);

export function excludes(a: LockMode, b: LockMode): boolean {
  return a === "exclusive" || b === "exclusive";
}

export function isIn({ from, to }: Stretch, at: number): boolean {
  return from < at && at < to;
}

/** Null where they have nothing in common. */
export function common(a: Stretch | null, b: Stretch | null): Stretch | null {
  if (a === null || b === null) return null;
  const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
  return both.from < both.to ? both : null;
}

/** Where something may have ended what a call has of these keys, be it that it waits for them or holds them. */
export function mayEndAt(history: History, call: Call, keys: readonly string[]): number {
  const session = sessionAt(history, call.call.client, call.to);
  const begun = Math.max(call.from, session?.from ?? 0);
  const { room, user } = call.call;
  const unlocks = unlocksOf(history, call, keys).map(({ from }) => from);
  const demotions = user === room ? [] : (demotionsOf(history).get(user) ?? []);
  const cuts = [...demotions, ...lossesOf(history, room)].filter(({ to }) => to > begun);
  return soonest([session?.surelyTo, ...unlocks, ...cuts.map(({ from }) => Math.max(from, begun))]);
}

function holdOf(history: History, lock: LockCall, key: string): Hold {
  const { request, answer } = lock;
  const session = sessionAt(history, lock.call.client, lock.to);
  const fence = answer?.kind === "granted" ? answer.fence : null;
  const sure = fence === null ? null : surely(history, lock, key, session);
  return { call: lock, request, key, session, fence, sure, possible: possibly(history, lock, key, session) };
}

function surely(history: History, lock: LockCall, key: string, session: SessionLife | null): Stretch | null {
  if (session === null) return null;
  const leases = lockCallsOf(history).flatMap((other) => {
    const { leaseMs } = other.request;
    if (leaseMs === null || !isSame(lock, other) || !other.request.keys.includes(key)) return [];
    // One of which nobody knows may have begun at any time.
    const isKnown = other.answer !== null && other.to < lock.from;
    const isOver = isKnown && timeOf(history, other.to) + leaseMs < timeOf(history, lock.from);
    return isOver || !mayBeGranted(other) ? [] : [placeAfter(history, other.from, leaseMs)];
  });
  const to = soonest([mayEndAt(history, lock, [key]), ...leases]);
  return lock.to < to ? { from: lock.to, to } : null;
}

function possibly(history: History, lock: LockCall, key: string, session: SessionLife | null): Stretch {
  const { from, answer, to, call } = lock;
  if (!mayBeGranted(lock)) return { from, to };
  const losses = lossesOf(history, call.room).filter((loss) => loss.from > to);
  if (answer === null) {
    // What was sent before a restart went with it; but it may come late otherwise.
    const restart = losses.find(({ isRestart }) => isRestart);
    return { from, to: soonest([session?.possiblyTo, restart?.to]) };
  }
  const { leaseMs, isSection = false } = lock.request;
  // What a function runs under is asked for again after a reconnect: then there is a lock once more, until it is given up.
  const lease = leaseMs === null || isSection ? undefined : placeAfter(history, to, leaseMs + LATE_MS);
  const unlocks = unlocksOf(history, lock, [key]).filter((unlock) => unlock.from > to && unlock.answer !== null);
  const lost = lostOf(history).find(
    ({ at, client, room, keys }) =>
      !isSection && at > to && client === call.client && room === call.room && keys.includes(key),
  );
  const demotions = call.user === call.room ? [] : (demotionsOf(history).get(call.user) ?? []);
  const ended = demotions.filter((demotion) => demotion.isDone && demotion.to > to);
  const ends = [...losses, ...ended, ...unlocks].map((end) => end.to);
  return { from, to: soonest([session?.possiblyTo, lease, lost?.at, ...ends]) };
}

/** Whether it was granted, or nobody knows. */
export function mayBeGranted({ answer, code }: Call): boolean {
  return answer !== null || code === null || isOpen(code);
}

function isSame(a: Call, b: Call): boolean {
  return a.call.client === b.call.client && a.call.room === b.call.room;
}

/** Later ones of the same client that name one of the keys. */
function unlocksOf(history: History, call: Call, keys: readonly string[]): readonly Call[] {
  return allUnlocks(history).filter((unlock) => {
    const { request } = unlock.call;
    if (unlock.from < call.from || !isSame(call, unlock) || request.kind !== "unlock") return false;
    return request.keys.some((key) => keys.includes(key));
  });
}

const allUnlocks = derived((history: History) => callsOf(history).filter(({ call }) => call.request.kind === "unlock"));

export const lostOf = derived(({ events }: History): readonly (EventOf<"locks"> & { readonly at: number })[] =>
  events.flatMap((event, at) => (event.kind === "locks" && event.news === "lost" ? [{ ...event, at }] : [])),
);

interface Demotion extends Stretch {
  readonly isDone: boolean;
}

/** By user: from when it was asked for until it was answered. */
const demotionsOf = derived(({ events }: History): ReadonlyMap<string, readonly Demotion[]> => {
  const demotions = new Map<string, Demotion[]>();
  for (const [at, event] of events.entries()) {
    if (event.kind !== "role" || event.role !== "guest") continue;
    const ofUser = listAt(demotions, event.user);
    if (event.phase === "asked") ofUser.push({ from: at, to: Infinity, isDone: false });
    const open = ofUser.findLastIndex(({ to }) => to === Infinity);
    if (event.phase === "asked" || open < 0) continue;
    ofUser[open] = { from: ofUser[open]?.from ?? at, to: at, isDone: event.phase === "answered" };
  }
  return demotions;
});

function nameOf(room: string, key: string): string {
  return JSON.stringify([room, key]);
}
