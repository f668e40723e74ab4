/** From a change until others know of it: being told, or asking again and again. */
import { pause } from "../../bench/measure.ts";
import { seededRandom } from "../../support/random.ts";
import type { Client, Places } from "../clients/client.ts";
import { freshName, openCrowd } from "../clients/crowd.ts";
import { openClient } from "../clients/open.ts";
import type { DoorId } from "../doors.ts";
import type { Notice, NoticeKind } from "../results.ts";
import { latencyOf } from "../statistics.ts";
import { since } from "../wire-meter.ts";
import type { Stage } from "./busy.ts";

export interface NoticePlan extends NoticeKind {
  readonly observers: number;
  readonly ms: number;
  readonly seed: number;
}

/** Ms from one change to the next, at random: the least and the most. */
export const BETWEEN_MS = [100, 500] as const;
const KEY = "news";
/** For the last answers. */
const SPARE_MS = 200;

/** What one observer has come to know. The values are numbers that rise. */
class Knowledge {
  readonly #putAt: readonly number[];
  readonly delays: number[] = [];
  seen = 0;
  #newest = -1;

  constructor(putAt: readonly number[]) {
    this.#putAt = putAt;
  }

  /** Whoever sees a value knows better than all before it. */
  saw(value: string): void {
    const number = Number(value);
    if (!(number > this.#newest)) return;
    this.seen++;
    const now = performance.now();
    for (let older = this.#newest + 1; older <= number; older++) this.delays.push(now - (this.#putAt[older] ?? now));
    this.#newest = number;
  }
}

export async function measureNotice({ server, meter }: Stage, plan: NoticePlan): Promise<Notice> {
  const { door, everyMs, observers: count, ms, seed } = plan;
  const random = seededRandom(seed);
  const putAt: number[] = [];
  const knowledge = Array.from({ length: count }, () => new Knowledge(putAt));
  // Whoever writes, and who is told of it, is the same for all but the JSON door, which has a room of its own.
  const name = freshName(door, 0);
  const writer = await openClient(door === "ws-json" ? door : "tcp-text", server.places, { name });
  await writer.put(KEY, "-1");
  const observers = await openObservers(door, server.places, name, knowledge);
  const polling = new AbortController();
  try {
    const polls =
      everyMs === null ? [] : observers.map((observer, i) => ({ observer, first: random.next() * everyMs, i }));
    const polled = Promise.all(
      polls.map(({ observer, first, i }) => poll(observer, knowledge[i], first, everyMs ?? 0, polling.signal)),
    );
    const [before, traffic, began] = [await server.costs(), meter.read(), performance.now()];
    while (performance.now() - began < ms) {
      await Promise.race([pause(BETWEEN_MS[0] + random.int(BETWEEN_MS[1] - BETWEEN_MS[0])), polled.then(forever)]);
      putAt.push(performance.now());
      await writer.put(KEY, String(putAt.length - 1));
    }
    const [after, carried, ended] = [await server.costs(), since(traffic, meter.read()), performance.now()];
    await pause((everyMs ?? 0) + Math.min(SPARE_MS, ms));
    polling.abort();
    await polled;
    const seconds = ((ended - began) / 1_000) * count;
    return {
      latency: latencyOf(knowledge.flatMap(({ delays }) => delays)),
      seenShare: knowledge.reduce((sum, { seen }) => sum + seen, 0) / (count * putAt.length),
      serverMicros: (after.cpuMicros - before.cpuMicros) / seconds,
      bytes: (carried.sent + carried.received) / seconds,
    };
  } finally {
    polling.abort();
    for (const client of [writer, ...observers]) client.close();
  }
}

/** Resolves never: that polling has ended without an error is nothing to go on for. */
const forever = (): Promise<never> => new Promise(() => undefined);

async function openObservers(
  door: DoorId,
  places: Places,
  room: string,
  knowledge: readonly Knowledge[],
): Promise<readonly Client[]> {
  // In the shared room, all observe the writer's key.
  if (door === "ws-json") {
    return Promise.all(knowledge.map(() => openClient(door, places, { name: room })));
  }
  return openCrowd(door, places, knowledge.length, (i) => ({ room, noticed: (value) => knowledge[i]?.saw(value) }));
}

/** Asks every so many ms, from a first time on. */
async function poll(
  observer: Client,
  knowledge: Knowledge | undefined,
  firstMs: number,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  await pause(firstMs);
  for (let due = performance.now(); !signal.aborted; due += everyMs) {
    await pause(Math.max(0, due - performance.now()));
    knowledge?.saw(await observer.get(KEY, 0));
  }
}
