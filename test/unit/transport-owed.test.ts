import { expect, test } from "@jest/globals";
import type { Answer } from "../../protocol/events.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { Owed } from "../../server/transport/owed.ts";
import { batching } from "../support/batching.ts";
import { handlersWith, scriptedPeer, someRooms } from "../support/door-parts.ts";
import { liveHeap } from "../support/heap.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { readableLog } from "../support/readable-log.ts";

const MiB = 2 ** 20;
const LIMIT = 128;
const CUT = ["bye rate_limited", "close"];
/** As many keys with a value of 1 MiB as a room holds. */
const KEYS = Array.from({ length: 63 }, (_, i) => `k${i}`);

type Request = readonly [name: string, payload: object];

/** A text of 1 MiB that shares its memory with no other, on the heap. */
function big(letter: number): string {
  return JSON.parse(`"${String.fromCharCode(97 + (letter % 26)).repeat(FIXED_LIMITS.valueBytes)}"`);
}

function room() {
  return batching(new MemoryEngine({ logBytes: MiB }));
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const put = (key: string, letter: number): Request => ["put", { key, value: big(letter) }];
const get = (key: string): Request => ["get", { key }];
const inBatch = (...requests: readonly Request[]): Request => ["batch", { batch: 1, requests }];

test.each<[how: string, requests: (i: number) => readonly Request[]]>([
  ["alone", (i) => [put("k", i), get("k")]],
  ["with others", (i) => [put("k", i), ["read", { keys: ["k"] }]]],
  ["in a transaction", (i) => [put("k", i), ["transact", { then: [{ get: "k" }] }]]],
  ["by a page", (i) => [put("k", i), ["list", { prefix: "k" }]]],
  ["in a batch", (i) => [put("k", i), inBatch(get("k"))]],
  ["in a batch of several pages", (i) => [inBatch(put("k", i), get("k"), get("k"))]],
])(
  "who does not read and keeps alive, %s, what he replaces is told and closed",
  async (_how, requests) => {
    const { ask, done, peer, vanish, waiting } = room();
    waiting(100 * MiB);
    const before = liveHeap();
    for (let i = 0; i < LIMIT + 40; i++) {
      for (const request of requests(i)) void ask(...request);
      await turn();
      if (i < LIMIT - 2) expect([i, peer.open]).toEqual([i, true]);
    }
    expect(done).toEqual(CUT);
    // The room has one more, and its log one.
    expect(liveHeap() - before).toBeLessThan((LIMIT + 8) * MiB);
    vanish();
    await turn();
    expect(peer.unanswered).toBe(0);
    expect(peer.owed.bytes).toBe(0);
    expect(liveHeap() - before).toBeLessThan(8 * MiB);
  },
  30_000,
);

test("one big value may be read a thousand times and more by who reads slowly, alone and in batches", async () => {
  const { ask, done, peer, waiting } = room();
  await ask(...put("k", 0));
  waiting(100 * MiB);
  const answers = Array.from({ length: 1000 }, () => ask(...get("k")));
  answers.push(ask(...inBatch(...Array<Request>(1000).fill(get("k")))));
  await turn();
  expect(peer.unanswered).toBe(2000);
  expect(done).toEqual([]);
  waiting(0);
  for (const answer of await Promise.all(answers)) expect(answer.ok).toBe(true);
  expect(peer.open).toBe(true);
});

test("a whole room may be read by who reads slowly, at once in several ways, and again when it has changed", async () => {
  const { ask, done, peer, waiting } = room();
  for (let round = 0; round < 3; round++) {
    for (const key of KEYS) expect(await ask(...put(key, round))).toMatchObject({ ok: true });
    waiting(100 * MiB);
    const gets = KEYS.map(get);
    const lists = KEYS.map((after): Request => ["list", { after }]);
    const answers = [...gets, ...lists, inBatch(...gets), inBatch(...lists)].map((request) => ask(...request));
    await turn();
    waiting(0);
    for (const answer of await Promise.all(answers)) expect(answer.ok).toBe(true);
    expect(done).not.toContain(CUT[0]);
    done.length = 0;
    await turn();
    expect([round, peer.open, peer.owed.bytes]).toEqual([round, true, 0]);
  }
}, 30_000);

test("when the client takes some, no more is encoded than makes the rest wait again", async () => {
  const dispatcher = new Dispatcher(handlersWith({ get: async () => null }), someRooms(), readableLog());
  const { peer, waiting } = scriptedPeer(new ManualClock());
  waiting(100 * MiB);
  let answered = 0;
  const fill = (): void => {
    answered++;
    waiting(100 * MiB);
  };
  for (let i = 0; i < 100; i++) dispatcher.handle(peer, [...get("k"), fill]);
  for (let taken = 0; taken < 3; taken++) {
    await turn();
    expect(answered).toBe(taken);
    waiting(0);
  }
});

test("an entry counts once, for as long as any answer holds it", () => {
  const owed = new Owed(() => undefined);
  const entry = { key: "k", value: "v".repeat(1000), revision: 1, version: 1, updatedAt: 1, updatedBy: "ann" };
  const one: Answer<unknown> = { ok: true, value: entry };
  const page: Answer<unknown> = { ok: true, value: { entries: [entry], more: false, position: {} } };
  const other: Answer<unknown> = { ok: true, value: { ...entry } };
  owed.add([one]);
  const { bytes } = owed;
  expect(bytes).toBeGreaterThan(1000);
  owed.add([one, page, { ok: true, value: null }]);
  expect(owed.bytes).toBe(bytes);
  owed.add([{ ok: true, value: { answers: [page, other] } }]);
  expect(owed.bytes).toBe(2 * bytes);
  owed.remove([one, page]);
  expect(owed.bytes).toBe(2 * bytes);
  owed.remove([{ ok: true, value: { answers: [page, other] } }]);
  expect(owed.bytes).toBe(bytes);
  owed.remove([one]);
  expect(owed.bytes).toBe(0);
});

test("past values of a key count in each answer that holds them", () => {
  const owed = new Owed(() => undefined);
  const told = { revision: 1, at: 1, by: "ann" };
  const changes = [
    { ...told, value: null },
    { ...told, value: "v".repeat(1000) },
  ];
  const answers: Answer<unknown>[] = [1, 2].map(() => ({
    ok: true,
    value: { changes: changes.map((one) => ({ ...one })) },
  }));
  owed.add(answers);
  expect(owed.bytes).toBeGreaterThan(2000);
  expect(owed.bytes).toBeLessThan(3000);
  owed.remove(answers);
  expect(owed.bytes).toBe(0);
});
