/** What one client does in a round: writes, reads and asks what became of writes, and follows a room. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { RecordedStore } from "../history/recorded-store.ts";
import type { Random } from "../support/random.ts";
import { pause } from "./troubles.ts";

const KEYS = ["a0", "a1", "a2", "b0", "b1"];
/** Requests of one client under way at once. */
const BURST = 4;

export interface Tally {
  operations: number;
  unknown: number;
  settled: number;
}

/** Works until it is over, and returns when everything is answered and every open write is asked for. */
export async function work(
  room: RecordedStore,
  random: Random,
  pauseMs: number,
  over: AbortSignal,
  tally: Tally,
): Promise<void> {
  const round = random.int(2 ** 31);
  let count = 0;
  while (await pause(random.int(2 * pauseMs), over)) {
    const steps = Array.from({ length: 1 + random.int(BURST) }, () => {
      tally.operations++;
      return step(room, `${room.name}-${round}-${count++}`, random).catch((error: unknown) =>
        settle(room, error, tally),
      );
    });
    await Promise.all(steps);
  }
}

async function step(room: RecordedStore, value: string, random: Random): Promise<unknown> {
  const key = random.pick(KEYS);
  const choice = random.int(10);
  if (choice < 5) return room.put(key, value);
  if (choice < 6) return room.delete(key);
  if (choice < 7) return room.list();
  if (choice < 9) return room.get(key);
  const entry = await room.get(key);
  return room.put(key, value, { ifRevision: entry?.revision ?? 0 });
}

/** What may be refused to a client that does nothing wrong. */
const EXPECTED: readonly string[] = ["conflict", "timeout", "unavailable"];

async function settle(room: RecordedStore, error: unknown, tally: Tally): Promise<void> {
  if (!(error instanceof KeyroomError)) throw error;
  if (error.code !== "unknown_outcome") {
    if (EXPECTED.includes(error.code)) return;
    throw error;
  }
  tally.unknown++;
  const { op } = error;
  if (op === undefined) throw error;
  for (;;) {
    try {
      const { state } = await room.outcome(op);
      if (state !== "unknown") tally.settled++;
      return;
    } catch (refusal) {
      const isOver = room.store.state === "closed";
      if (!(refusal instanceof KeyroomError) || !refusal.retryable || isOver) throw refusal;
    }
  }
}

/** What is written to a room last, when all else is done, so that each watch has something to wait for. */
export const LAST_KEYS = ["a0", "b0"] as const;

/** A standing question, and by how many of the last words its own one is not the very last. */
export interface Question {
  readonly room: string;
  readonly filter: { readonly key?: string; readonly prefix?: string };
  readonly behind: number;
}

const ALL_KEYS = { filter: {}, behind: 0 };
const FILTERS = [ALL_KEYS, ALL_KEYS, { filter: { prefix: "a" }, behind: 1 }, { filter: { key: "b0" }, behind: 0 }];

/** Guests follow their own room, managers any or all. */
export function questionOf({ store }: RecordedStore, users: readonly string[], random: Random): Question {
  const { user, role } = store.session;
  const room = role === "manager" ? random.pick(["*", ...users]) : user;
  return { room, ...(room === "*" ? ALL_KEYS : random.pick(FILTERS)) };
}
