/** What the locks of others are in the way of: who that is, and a wait for one's turn. */
import { KeyroomError, type LockHolder } from "../../protocol/errors.ts";
import { MAX_WAIT_MS } from "../../protocol/limits.ts";
import { age, moment } from "../live/words.ts";
import type { ClaimOptions } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { Back, falseAtBack } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import { shown } from "./show-entry.ts";
import { tell } from "./tone.ts";

/** More of them are counted. */
const MOST_NAMES = 4;

/** Something that may have to wait for the locks of others. */
export interface Wanted<T> {
  /** What it is about; of several keys that one waits for together one is enough. */
  readonly keys: readonly string[];
  /** Asks for it, also again, and then with the will to wait. */
  ask(claim: ClaimOptions): Promise<T>;
  /** It was given up, but the server could not be told yet: what becomes of it. */
  left?(asked: Promise<T>): void;
}

/** Asks for it; null where others were in the way, and the user would not wait any longer. */
export async function inTurn<T>(context: Context, doing: string, wanted: Wanted<T>): Promise<T | null> {
  try {
    return await context.talk.wait(doing, wanted.ask({}));
  } catch (error) {
    return waitInstead(context, wanted, error);
  }
}

/**
 * Says who was in the way, and waits if the user wants to, up to a minute each time; Esc gives up.
 * @param refusal what came of asking without a wait; anything but a lock is thrown on
 * @returns null where the user would not wait
 */
export async function waitInstead<T>(context: Context, wanted: Wanted<T>, refusal: unknown): Promise<T | null> {
  const { talk, session } = context;
  for (let refused = refusal; ; ) {
    const holder = holderOf(refused);
    if (holder === null) throw refused;
    talk.say("!", inTheWay(holder, session.store.session.user, Date.now()));
    if (!(await talk.confirm("Wait for that, up to a minute?").catch(falseAtBack))) {
      tell(talk, "Left as it was.");
      return null;
    }
    try {
      return await waitFor(context, wanted);
    } catch (error) {
      refused = error;
    }
  }
}

function holderOf(error: unknown): LockHolder | null {
  return error instanceof KeyroomError && error.code === "locked" ? (error.holder ?? null) : null;
}

/** He may hold it, or be one of those who wait and came first. */
function inTheWay({ key, mode, user, since }: LockHolder, me: string, now: number): string {
  const who = user === me ? "another session of yours comes first" : `${printable(user)} comes first`;
  return `${shown(key)} is locked: ${who}, ${sinceWhen(since, now)}, ${printable(mode)}.`;
}

/** `since 14:03:12`; where that is a while ago, `since 14:03:12 (5 min)`. */
export function sinceWhen(since: number, now: number): string {
  const when = `since ${moment(since, now).trimEnd()}`;
  return now - since < 60_000 ? when : `${when} (${age(now - since)})`;
}

/** `bob, cleo`. Of one's own name it is another session. */
export function usersOf(users: readonly string[], me: string): string {
  const names = [...new Set(users)].map((user) => (user === me ? "yourself (elsewhere)" : printable(user)));
  return listed(names);
}

/** `city, country`. */
export function keysOf(keys: readonly string[]): string {
  return listed(keys.map(shown));
}

function listed(names: readonly string[]): string {
  const others = names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [];
  return [...names.slice(0, MOST_NAMES), ...others].join(", ");
}

async function waitFor<T>(context: Context, wanted: Wanted<T>): Promise<T | null> {
  const { talk, session, room } = context;
  const { store, locks } = session;
  const stop = store.on("locks", ({ room: where, waiting }) => {
    if (where !== room.name || waiting === undefined) return;
    tell(talk, `In line behind ${usersOf(waiting.behind, store.session.user)}.`);
  });
  const asked = locks.waiting(room, wanted.keys, wanted.ask({ waitMs: MAX_WAIT_MS }));
  try {
    return await talk.wait(`Waiting for ${keysOf(wanted.keys)}`, asked);
  } catch (error) {
    if (!(error instanceof Back)) throw error;
    return await giveUp(context, wanted, asked);
  } finally {
    stop();
  }
}

/** What came of it all the same: it may have been its turn just then. */
async function giveUp<T>(context: Context, { keys, left }: Wanted<T>, asked: Promise<T>): Promise<T | null> {
  const { talk, session, room } = context;
  // What is held already is not given up, unless it is for that very key that one waits.
  const others = keys.filter((key) => !session.locks.holds(room.name, key));
  const lost = session.connectionLost();
  const released = session.locks.release(room, others.length > 0 ? others : keys);
  const over = Promise.all([asked, released.catch(() => undefined)]).then(([done]) => ({ done }));
  try {
    const ended = await talk.wait("Giving up the wait", Promise.race([over, lost.promise]));
    if (ended !== null) return ended.done;
    tell(talk, "The wait ends as soon as the server is back.");
    left?.(asked);
  } catch (error) {
    if (!(error instanceof KeyroomError) || error.code === "unknown_outcome") throw error;
    tell(talk, "Gave up the wait. Nothing was changed.");
  } finally {
    lost.stop();
  }
  return null;
}
