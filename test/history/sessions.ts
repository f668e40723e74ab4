/** When each session was there, as a witness at the server saw its connections come and go. */
import { derived, listAt } from "./derived.ts";
import type { EventOf, History } from "./history.ts";
import { ALL_ROOMS, lossesOf } from "./lives.ts";
import { placeAfter, timeOf } from "./times.ts";

/** Ms by which whatever ends at a certain time may do so too late. */
export const LATE_MS = 1_000;

export interface SessionLife {
  readonly id: string;
  readonly from: number;
  /** Until then, or longer. */
  readonly surelyTo: number;
  /** Until then at most; Infinity where nothing shows an end. */
  readonly possiblyTo: number;
}

type Presence = EventOf<"presence"> & { readonly at: number };

/** Of those that the witness saw, by id. */
export const sessionsOf = derived((history: History): ReadonlyMap<string, SessionLife> => {
  const presences = new Map<string, Presence[]>();
  for (const [at, event] of history.events.entries()) {
    if (event.kind === "presence") listAt(presences, event.session).push({ ...event, at });
  }
  return new Map([...presences].map(([id, seen]) => [id, lifeOf(history, id, seen)]));
});

function lifeOf(history: History, id: string, seen: readonly Presence[]): SessionLife {
  const { graceMs = 0 } = history;
  const [first, last] = [seen[0] as Presence, seen.at(-1) as Presence];
  const restart = lossesOf(history, ALL_ROOMS).find((loss) => loss.from > first.at);
  const leaving = seen.find(({ state }) => state === "leaving");
  const forsaken = seen.find((presence, i) => {
    const next = seen[i + 1];
    return presence.state === "away" && !(next !== undefined && isWithin(history, presence.at, next.at, graceMs));
  });
  const ends = [
    restart?.from,
    leaving?.at,
    forsaken === undefined ? undefined : placeAfter(history, forsaken.at, graceMs),
  ];
  const lateEnds = [restart?.to, last.state === "away" ? placeAfter(history, last.at, graceMs + LATE_MS) : undefined];
  return { id, from: first.at, surelyTo: soonest(ends), possiblyTo: soonest(lateEnds) };
}

function isWithin(history: History, from: number, to: number, ms: number): boolean {
  return timeOf(history, to) - timeOf(history, from) < ms;
}

/** The first of the places that are known. */
export function soonest(places: readonly (number | undefined)[]): number {
  return Math.min(Infinity, ...places.filter((place) => place !== undefined));
}

const byClient = derived(({ events }: History) => {
  const sessions = new Map<string, { readonly id: string; readonly at: number }[]>();
  for (const [at, event] of events.entries()) {
    if (event.kind === "session" && event.id !== undefined) listAt(sessions, event.client).push({ id: event.id, at });
  }
  return sessions;
});

/** The session that a client has at a place in the history, as far as the witness knows it. */
export function sessionAt(history: History, client: string, at: number): SessionLife | null {
  const told = byClient(history)
    .get(client)
    ?.findLast((session) => session.at < at);
  return told === undefined ? null : (sessionsOf(history).get(told.id) ?? null);
}
