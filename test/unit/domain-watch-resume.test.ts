import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { positionOf } from "../contract/kit.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { Mirror } from "../support/watch-mirror.ts";
import { type FakeWatcher, type Told, WatchRig } from "../support/watching.ts";

const VALUE = "x".repeat(300_000);

/** Ann watches her room from a position; what she is told first. */
async function resumed(rig: WatchRig, from: Position, watcher = rig.watcher("ann")): Promise<FakeWatcher> {
  await rig.watch(watcher, { from });
  return watcher;
}

/** A room with so many commits, and the positions before, between and behind them. */
async function walk(rig: WatchRig, commits: number): Promise<Position[]> {
  const positions = [await positionOf(rig.engine, "ann")];
  for (let i = 0; i < commits; i++) {
    await rig.put("ann", `k${i % 3}`, String(i));
    positions.push(await positionOf(rig.engine, "ann"));
  }
  return positions;
}

function fold(told: readonly Told[], mirror = new Mirror()): Mirror {
  for (const { name, payload } of told) {
    if (name === "answer" || name === "start") mirror.start(payload);
    if (name === "changes") mirror.changes(payload);
  }
  return mirror;
}

test("goes on from every position, from before the first commit to the present, and then live", async () => {
  const rig = new WatchRig();
  const positions = await walk(rig, 6);
  for (const [i, from] of positions.entries()) {
    const watcher = await resumed(rig, from);
    expect(watcher.heard("answer")).toEqual([
      { watch: expect.any(String), position: positions[6], changes: expect.any(Array) },
    ]);
    expect(watcher.heard("answer")[0]?.changes?.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6].slice(i));
  }
  await rig.put("ann", "live");
  await rig.turn();
  for (const watcher of rig.watchers) expect(watcher.heard("changes")).toMatchObject([{ changes: [{ revision: 7 }] }]);
});

test("each change leads to a position of its own, from which one may go on too", async () => {
  const rig = new WatchRig();
  const [start, ...positions] = await walk(rig, 5);
  if (start === undefined) throw new Error("There is no start.");
  const watcher = await resumed(rig, start);
  const told = watcher.heard("answer")[0]?.changes?.map(({ revision, tag }) => ({ epoch: start.epoch, revision, tag }));
  expect(told).toEqual(positions);
});

describe("a position that the log does not reach", () => {
  test.each([
    ["trimmed", (from: Position) => from],
    ["of another epoch", (from: Position) => ({ ...from, revision: 9, epoch: "another" })],
    ["with another tag", (from: Position) => ({ ...from, revision: 9 })],
    ["from the future of another epoch", (from: Position) => ({ ...from, revision: 99, epoch: "another" })],
  ])("%s: is a gap with everything that is there, and then live", async (_what, change) => {
    const rig = new WatchRig(["ann"], new MemoryEngine({ logRecords: 3 }));
    const [start] = await walk(rig, 10);
    if (start === undefined) throw new Error("There is no start.");
    const watcher = await resumed(rig, change(start));
    const [answer] = watcher.heard("answer");
    expect(answer).toMatchObject({ gap: true, position: { revision: 10 } });
    expect(answer?.snapshot?.map(({ key }) => key).toSorted()).toEqual(["k0", "k1", "k2"]);
    expect(answer).not.toHaveProperty("changes");
    await rig.put("ann", "live");
    await rig.turn();
    expect(fold(watcher.told)).toMatchObject({ gaps: 1, revisions: [11] });
  });

  test("a gap is filtered too, and what happens while it is read is in it", async () => {
    const rig = new WatchRig();
    await walk(rig, 10);
    rig.engine.afterRead = async () => void (await rig.put("ann", "k1", "meanwhile"));
    const watcher = rig.watcher("ann");
    await rig.watch(watcher, { prefix: "k1", from: { epoch: "another", revision: 0, tag: 0 } });
    expect(watcher.heard("answer")).toMatchObject([
      { gap: true, position: { revision: 12 }, snapshot: [{ key: "k1", value: "meanwhile" }] },
    ]);
  });
});

test("a position from the future is refused, and no watch remains", async () => {
  const rig = new WatchRig();
  const positions = await walk(rig, 2);
  const watcher = rig.watcher("ann");
  const from = { ...(positions[2] as Position), revision: 3 };
  const refused = await rejectionOf(rig.watch(watcher, { from }));
  expect(refused).toMatchObject({ code: "future_position", retryable: false });
  expect([watcher.told, rig.engine.following, [...rig.watches.watchersOf("ann")]]).toEqual([[], 0, []]);
});

describe("above a page", () => {
  test("a snapshot comes in pages of at most a page's bytes before the first change", async () => {
    const rig = new WatchRig();
    for (let i = 0; i < 20; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = rig.watcher("ann");
    const asked = rig.watch(watcher);
    await rig.turn();
    await asked;
    await rig.put("ann", "live");
    await rig.turn();
    expect(watcher.told.map(({ name }) => name)).toEqual(["answer", ...Array(6).fill("start"), "changes"]);
    const pages = [...watcher.heard("answer"), ...watcher.heard("start")];
    expect(pages.map(({ more }) => more)).toEqual([...Array(6).fill(true), undefined]);
    for (const { snapshot } of pages) {
      expect(Buffer.byteLength(JSON.stringify(snapshot))).toBeLessThanOrEqual(FIXED_LIMITS.pageBytes);
    }
    expect(fold(watcher.told).entries.size).toBe(21);
  });

  test("a single value that is larger has a page of its own", async () => {
    const rig = new WatchRig();
    const sizes = [10, 1_048_576, 10, 1_048_576];
    for (const [i, size] of sizes.entries()) await rig.put("ann", `k${i}`, "x".repeat(size));
    const watcher = rig.watcher("ann");
    await rig.watch(watcher);
    await rig.turn();
    expect(fold(watcher.told).entries.size).toBe(4);
    expect(watcher.told.length).toBeGreaterThanOrEqual(3);
  });

  test("what is changed while the pages are sent comes behind them", async () => {
    const rig = new WatchRig();
    for (let i = 0; i < 20; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = rig.watcher("ann");
    watcher.weight = 1_000_000;
    const asked = rig.watch(watcher);
    for (let page = 0; page < 12; page++) {
      await rig.turn();
      await rig.commit("ann", { puts: [{ key: `k${page}`, value: "new" }], deletes: [`k${19 - page}`] });
      watcher.waiting(0);
    }
    watcher.weight = 0;
    await rig.turn();
    await asked;
    const fresh = rig.watcher("ann");
    await rig.watch(fresh);
    await rig.turn();
    const folded = fold(watcher.told);
    expect(folded.values).toEqual(fold(fresh.told).values);
    expect(folded.revisions).toEqual(Array.from({ length: 12 }, (_, i) => 21 + i));
  });

  test("a log that is trimmed while the pages are sent is a gap behind them", async () => {
    const rig = new WatchRig(["ann"], new MemoryEngine({ logRecords: 2 }));
    for (let i = 0; i < 8; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = rig.watcher("ann");
    watcher.weight = 1_000_000;
    const asked = rig.watch(watcher);
    await rig.turn();
    for (let i = 0; i < 8; i++) await rig.put("ann", `k${i}`, "small");
    watcher.weight = 0;
    watcher.waiting(0);
    await rig.turn();
    await asked;
    await rig.put("ann", "live");
    await rig.turn();
    const folded = fold(watcher.told);
    expect(folded).toMatchObject({ gaps: 1, revisions: [17] });
    expect(new Set(Object.values(folded.values))).toEqual(new Set(["small", "v"]));
  });

  test("changes come in pages, and one may go on behind each", async () => {
    const rig = new WatchRig();
    const start = await positionOf(rig.engine, "ann");
    for (let i = 0; i < 20; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = await resumed(rig, start);
    await rig.turn();
    const pages = [...watcher.heard("answer"), ...watcher.heard("start")];
    expect(pages.map(({ more }) => more)).toEqual([...Array(6).fill(true), undefined]);
    expect(watcher.heard("changes")).toEqual([]);
    expect(pages.flatMap(({ changes = [] }) => changes.map(({ revision }) => revision))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    for (const { position, changes } of pages) {
      expect(Buffer.byteLength(JSON.stringify(changes))).toBeLessThanOrEqual(FIXED_LIMITS.pageBytes);
      if (position === undefined) throw new Error("A page without a position.");
      expect(position.revision).toBe(changes?.at(-1)?.revision);
      const again = await resumed(rig, position);
      await rig.turn();
      const revisions = [...again.heard("answer"), ...again.heard("start")].flatMap(({ changes = [] }) => changes);
      expect(revisions[0]?.revision).toBe(position.revision === 20 ? undefined : position.revision + 1);
      rig.watches.forget(again);
    }
  });

  test("whoever is ended between the pages is told nothing more, and nothing of him remains", async () => {
    const rig = new WatchRig();
    for (let i = 0; i < 20; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = rig.watcher("ann");
    watcher.weight = 1_000_000;
    const asked = rig.watch(watcher);
    await rig.turn();
    const [answer] = watcher.heard("answer");
    rig.watches.unwatch(watcher, answer?.watch ?? "");
    watcher.weight = 0;
    watcher.waiting(0);
    await rig.turn();
    await asked;
    expect([watcher.told.length, rig.engine.following]).toEqual([1, 0]);
  });

  test("an engine that fails behind the first page ends the watch in words", async () => {
    const rig = new WatchRig();
    for (let i = 0; i < 8; i++) await rig.put("ann", `k${i}`, VALUE);
    const watcher = rig.watcher("ann");
    let reads = 0;
    rig.engine.beforeRead = async () => {
      if (++reads > 1) throw new Error("secret detail");
    };
    await rig.watch(watcher);
    await rig.turn();
    expect(watcher.heard("end")).toEqual([
      {
        watch: watcher.heard("answer")[0]?.watch,
        room: "ann",
        reason: expect.stringMatching(/Watch again/),
        code: "internal",
      },
    ]);
    expect(rig.engine.following).toBe(0);
  });
});

test.each([
  ["a key and a prefix", { key: "a", prefix: "b" }],
  ["one position for all rooms", { room: "*", from: { epoch: "e", revision: 0, tag: 0 } }],
  ["positions by room for one room", { from: { ann: { epoch: "e", revision: 0, tag: 0 } } }],
])("%s are refused in words", async (_what, input) => {
  const rig = new WatchRig();
  expect(await rejectionOf(rig.watch(rig.watcher("ann"), input))).toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/not both|`from` is/),
  });
});
