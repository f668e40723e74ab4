/** Requests for locks that surely wait: the server has said so. */
import { derived } from "./derived.ts";
import type { History } from "./history.ts";
import { type LockCall, lockCallsOf, mayEndAt, type Stretch } from "./holds.ts";
import { soonest } from "./sessions.ts";
import { placeAfter } from "./times.ts";

export interface Wait {
  readonly lock: LockCall;
  /** From when the server said it, until it may have been served or given up. */
  readonly sure: Stretch;
  /** It was one wait, and no other that a repeat began behind it. */
  readonly isOne: boolean;
}

export const waitsOf = derived((history: History): readonly Wait[] =>
  lockCallsOf(history).flatMap((lock): Wait[] => {
    const told = toldOf(history, lock);
    if (told === null) return [];
    const { waitMs, keys } = lock.request;
    const to = soonest([lock.to, mayEndAt(history, lock, keys), placeAfter(history, lock.from, waitMs)]);
    const isOne = !history.events
      .slice(told, lock.to)
      .some((event) => event.kind === "session" && event.client === lock.call.client);
    return told < to ? [{ lock, sure: { from: told, to }, isOne }] : [];
  }),
);

/** Where the client was told that this request waits; null where it was not, or it may have been another request. */
function toldOf(history: History, lock: LockCall): number | null {
  const { client, room } = lock.call;
  const isLike = (keys: readonly string[]): boolean => same(keys, lock.request.keys);
  const others = lockCallsOf(history).filter(
    (other) =>
      other !== lock &&
      other.call.client === client &&
      other.call.room === room &&
      isLike(other.request.keys) &&
      // It may have been about one that nobody knows the end of.
      other.from < lock.to &&
      (other.to > lock.from || other.answer === null),
  );
  if (others.length > 0) return null;
  for (let at = lock.from + 1; at < Math.min(lock.to, history.events.length); at++) {
    const event = history.events[at];
    if (event?.kind !== "locks" || event.news !== "waiting") continue;
    if (event.client === client && event.room === room && isLike(event.keys)) return at;
  }
  return null;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key) => b.includes(key));
}
