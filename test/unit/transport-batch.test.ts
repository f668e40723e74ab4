import { expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import { BATCH_REQUESTS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { SERIES_SINCE } from "../../protocol/series.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine } from "../../server/engine/port.ts";
import { batching, CLIENT, withoutEpochs } from "../support/batching.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";

type Request = readonly [name: string, payload: object, counter?: number];

const committed = (revision: number, version = 1) => ({ ok: true, value: { revision, version } });
const refused = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });

test("each request is answered as if it had come alone, in order", async () => {
  const { batch } = batching();
  expect(
    await batch(
      ["put", { key: "a", value: "1" }],
      ["get", { key: "a" }],
      ["put", { key: "a", value: "2", ifRevision: 7 }],
      ["delete", { key: "b" }],
      ["list", {}],
      ["put", { key: "a", value: "3" }],
    ),
  ).toEqual([
    committed(1),
    { ok: true, value: expect.objectContaining({ value: "1", revision: 1 }) },
    refused("conflict"),
    { ok: true, value: { revision: null, existed: false } },
    { ok: true, value: expect.objectContaining({ entries: [expect.objectContaining({ value: "1" })], more: false }) },
    committed(2, 2),
  ]);
});

test("what is wrong with one spoils no other", async () => {
  const { batch, log } = batching();
  expect(
    await batch(
      ["put", { key: "a", value: "1" }],
      "put",
      null,
      [],
      [7, {}],
      ["watch", {}],
      ["logout", {}],
      ["history", { key: "a" }],
      ["batch", { batch: 2, requests: [] }],
      ["__proto__", {}],
      ["put", { key: "a" }],
      ["put", { key: "a", value: "1", room: "bob" }],
      ["put", { key: "a", value: "2" }, 0],
      ["put", { key: "a", value: "2" }, "1"],
      ["put", { key: "a", value: "2" }, -0],
      ["put", { key: "a", value: "2" }, 1e15],
      ["put", { key: "a", value: "2" }, 1e308],
      ["put", { key: "a", value: "2" }, null],
      ["put", { key: "a", value: "2" }, 1, undefined],
      ["put", { key: "a", value: "2", op: `${CLIENT}:1` }, 1],
      ["get", { key: "a" }, 1],
      ["settle", { upTo: 0 }, 1],
      ["put", { key: "a", value: "2", op: `${"d".repeat(22)}:1` }],
      ["get", null],
      ["put", { key: "a", value: "4" }],
    ),
  ).toEqual([
    committed(1),
    ...Array(4).fill(refused("invalid")),
    ...Array(5).fill(refused("unsupported")),
    refused("invalid"),
    refused("forbidden"),
    ...Array(10).fill(refused("invalid")),
    refused("forbidden"),
    refused("invalid"),
    committed(2, 2),
  ]);
  expect(log.lines).toEqual([]);
});

test("a counter is that of an operation id of the session: a repeat runs once, alone or in a batch", async () => {
  const { ask, batch } = batching();
  const put = { key: "n", value: "1" };
  expect(await batch(["put", put, 5], ["put", put, 5], ["put", put, 6])).toEqual([
    committed(1),
    committed(1),
    committed(2, 2),
  ]);
  expect(await ask("put", { ...put, op: `${CLIENT}:5` })).toEqual(committed(1));
  expect(await ask("status", { op: `${CLIENT}:6` })).toEqual({ ok: true, value: { state: "committed", revision: 2 } });
  const state = (name: string) => ({ ok: true, value: { state: name } });
  expect(
    await batch(
      ["status", { op: `${CLIENT}:7` }],
      ["put", put, 7],
      ["settle", { upTo: 6 }],
      ["status", { op: `${CLIENT}:6` }],
      ["put", put, 6],
    ),
  ).toEqual([
    state("never"),
    refused("invalid"),
    { ok: true, value: {} },
    state("unknown"),
    refused("unknown_outcome"),
  ]);
});

test.each([1, 2, 3])("between what comes before and behind it, a batch runs in its place, seed %i", async (seed) => {
  const { ask, batch } = batching(delayedEngine(new MemoryEngine(), seededRandom(seed)));
  const put = (value: string) => ({ key: "a", value });
  const answers = await Promise.all([
    ask("put", put("1")),
    batch(["get", { key: "a" }], ["put", put("2")], ["status", { op: `${CLIENT}:1` }], ["put", put("3")]),
    ask("get", { key: "a" }),
    batch(["put", put("4")], ["get", { key: "a" }]),
    ask("put", { ...put("5"), ifRevision: 4 }),
  ]);
  const entry = (value: string) => ({ ok: true, value: expect.objectContaining({ value }) });
  const never = { ok: true, value: { state: "never" } };
  expect(answers.flat()).toEqual([
    committed(1),
    entry("1"),
    committed(2, 2),
    never,
    committed(3, 3),
    entry("3"),
    committed(4, 4),
    entry("4"),
    committed(5, 5),
  ]);
});

test("requests on one room that stand together go to the engine together", async () => {
  const engine = new MemoryEngine();
  const calls: number[] = [];
  const run = engine.run.bind(engine);
  engine.run = (room, operations) => {
    calls.push(operations.length);
    return run(room, operations);
  };
  const { batch } = batching(engine);
  const put = ["put", { key: "a", value: "1" }];
  await batch(put, ["nothing"], put, ["status", { op: `${CLIENT}:1` }], put);
  expect(calls).toEqual([2, 1, 1]);
});

test("an engine that fails leaves the outcome of writes unknown, and reads failed", async () => {
  const engine = new MemoryEngine();
  engine.run = () => Promise.reject(new Error("secret detail"));
  const { batch, log } = batching(engine);
  const answers = await batch(["put", { key: "a", value: "1" }], ["get", { key: "a" }]);
  expect(answers).toEqual([refused("unknown_outcome"), refused("internal")]);
  expect(JSON.stringify(answers)).not.toContain("secret");
  expect(log.lines).toMatchObject([{ level: "error" }, { level: "error" }]);
});

test("a series of puts is as many requests", async () => {
  const put = (count: number, counter: number) => {
    const keys = Array.from({ length: count }, (_, i) => `k${i}`);
    return ["put", { keys, values: keys }, counter];
  };
  const { ask, peer, engine } = batching(new MemoryEngine(), SERIES_SINCE);
  const most = ask("batch", {
    batch: 1,
    requests: [put(BATCH_REQUESTS - 2, 1), ["get", { key: "k0" }], put(1, 9_000)],
  });
  expect(peer.unanswered).toBe(BATCH_REQUESTS);
  const entry = expect.objectContaining({ key: "k0", value: "k0", revision: 1 });
  const versions = Array(BATCH_REQUESTS - 2).fill(1);
  const last = { ok: true, revision: BATCH_REQUESTS - 1, versions: [2] };
  const answers = [{ ok: true, revision: 1, versions }, { ok: true, value: entry }, last];
  expect(await most).toEqual({ ok: true, value: { answers } });
  expect(peer.unanswered).toBe(0);
  for (const requests of [
    [put(BATCH_REQUESTS, 20_000), put(1, 30_000)],
    [put(1_000_000, 20_000)],
    [...Array(BATCH_REQUESTS - 1).fill(["get", { key: "k0" }]), put(2, 20_000)],
  ]) {
    expect(await ask("batch", { batch: 2, requests })).toEqual(refused("invalid"));
  }
  expect(await engine.run("ann", [{ kind: "read", keys: ["k1"] }])).toMatchObject([{ revision: BATCH_REQUESTS - 1 }]);
  expect(peer.unanswered).toBe(0);
});

test("all of a batch counts as unanswered until it is answered", async () => {
  const { ask, peer, done } = batching(delayedEngine(new MemoryEngine(), seededRandom(1)));
  const requests = Array(BATCH_REQUESTS).fill(["get", { key: "a" }]);
  const first = Array.from({ length: FIXED_LIMITS.inFlight / BATCH_REQUESTS }, () =>
    ask("batch", { batch: 1, requests }),
  );
  expect(peer.unanswered).toBe(FIXED_LIMITS.inFlight);
  const beyond = await ask("batch", { batch: 1, requests: requests.slice(0, 2) });
  expect(beyond).toMatchObject({ ok: false, error: { code: "rate_limited", retryable: true } });
  for (const answer of await Promise.all(first)) expect(answer.ok).toBe(true);
  expect(peer.unanswered).toBe(0);
  expect(done).toEqual([]);
});

test("more than a page of answers goes ahead of the rest, at the client's pace", async () => {
  const { ask, batch, peer, waiting } = batching();
  await batch(["put", { key: "big", value: "v".repeat(600_000) }]);
  const pushed: unknown[][] = [];
  peer.push = (name, payload) => {
    expect(name).toBe("answers");
    const { batch: id, answers } = payload as { batch: number; answers: unknown[] };
    expect(id).toBe(3);
    pushed.push(answers);
  };
  waiting(100_000_000);
  const get = ["get", { key: "big" }];
  let isAnswered = false;
  const rest = ask("batch", { batch: 3, requests: [get, get, ["get", { key: "none" }], get, get] });
  void rest.then(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([pushed, isAnswered]).toEqual([[], false]);
  waiting(0);
  expect(await rest).toMatchObject({ ok: true, value: { answers: [{ ok: true, value: { key: "big" } }] } });
  expect(pushed.map((answers) => answers.length)).toEqual([1, 2, 1]);
});

test("what was answered ahead of the rest counts as unanswered no more, whatever the rest waits for", async () => {
  const { ask, batch, peer, waiting } = batching();
  await batch(["put", { key: "big", value: "v".repeat(600_000) }]);
  const counts: number[] = [];
  peer.push = () => {
    waiting(100_000_000);
    counts.push(peer.unanswered);
  };
  const rest = ask("batch", { batch: 1, requests: Array(4).fill(["get", { key: "big" }]) });
  for (let left = 4; left > 1; left--) {
    await new Promise((resolve) => setImmediate(resolve));
    expect([counts.length, peer.unanswered]).toEqual([5 - left, left - 1]);
    waiting(0);
  }
  expect(await rest).toMatchObject({ ok: true });
  expect(peer.unanswered).toBe(0);
});

test("a page of answers is about as long as a page, whatever makes them long", async () => {
  const { ask, batch, peer } = batching();
  const keys = Array.from({ length: 200 }, (_, i) => String(i).padStart(512, "k"));
  await batch(...keys.map((key) => ["put", { key, value: "" }]));
  const sizes: number[] = [];
  peer.push = (_name, payload) => void sizes.push(JSON.stringify(payload).length);
  const [key] = keys;
  for (const request of [
    ["list", {}],
    ["put", { key, value: "", ifRevision: 7 }],
    ["read", { keys: keys.slice(0, 50) }],
    ["transact", { then: keys.slice(0, 50).map((key) => ({ get: key })) }],
    ["transact", { then: Array(50).fill({ get: "none" }) }],
    ["transact", { then: keys.slice(0, 50).map((key) => ({ put: key, value: "" })) }],
    ["transact", { then: Array.from({ length: 50 }, (_, i) => ({ delete: `none ${i}` })) }],
  ]) {
    const answer = await ask("batch", { batch: 1, requests: Array(BATCH_REQUESTS).fill(request) });
    sizes.push(JSON.stringify(answer).length);
  }
  expect(Math.max(...sizes)).toBeLessThan(1.1 * FIXED_LIMITS.pageBytes);
});

/** Some request; about one in ten is wrong in some way. */
function someRequest(random: Random, counter: number): Request {
  const key = random.pick(["a", "b", "c", ""]);
  const condition = random.int(4) === 0 ? { ifRevision: random.int(6) } : {};
  const room = random.int(20) === 0 ? { room: "bob" } : {};
  const op = random.int(3) === 0 ? {} : { op: `${CLIENT}:${1 + random.int(counter + 1)}` };
  const put = { key, value: String(counter) };
  const other = random.pick(["b", "c", "d"]);
  const conditions = random.pick([[], [{ key: other, absent: true }], [{ key, revision: random.int(6) }]]);
  switch (random.int(10)) {
    case 0:
      return ["get", { key, ...room }];
    case 1:
      return ["list", { prefix: key }];
    case 2:
      return ["status", { op: `${CLIENT}:${1 + random.int(counter + 2)}` }];
    case 3:
      return ["delete", { key, ...condition, ...op, ...room }];
    case 4:
      return ["read", { keys: [key, other], ...room }];
    case 5:
      return ["write", { puts: [put], deletes: [other], if: conditions, ...op, ...room }];
    case 6:
      return [
        "transact",
        { if: conditions, then: [{ put: key, value: "t" }, { get: key }], else: [{ delete: other }], ...op },
      ];
    default:
      return ["put", { key, value: String(counter), ...condition, ...op, ...room }];
  }
}

const seed = freshSeed();

test.each([1, 2, 3, seed])(
  "alone or in batches, the same requests have the same answers and the same log, seed %i",
  async (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 20; round++) {
      const requests = Array.from({ length: 60 }, (_, i) => someRequest(random, i));
      const alone = batching();
      const together = batching();
      const expected: Answer<unknown>[] = [];
      for (const [name, payload] of requests) expected.push(await alone.ask(name, payload));
      const answers: Answer<unknown>[] = [];
      for (let at = 0; at < requests.length; ) {
        const size = 1 + random.int(12);
        answers.push(...(await together.batch(...requests.slice(at, at + size))));
        at += size;
      }
      expect(withoutEpochs(answers)).toEqual(withoutEpochs(expected));
      expect(withoutEpochs(await logOf(together.engine))).toEqual(withoutEpochs(await logOf(alone.engine)));
    }
  },
);

async function logOf(engine: Engine): Promise<unknown> {
  const [snapshot] = await engine.run("ann", [{ kind: "snapshot", filter: { kind: "all" } }]);
  if (snapshot?.kind !== "snapshot") throw new KeyroomError("internal", "No snapshot.");
  return snapshot;
}
