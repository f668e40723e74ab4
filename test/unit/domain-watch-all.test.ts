import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../protocol/fields.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { positionOf } from "../contract/kit.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { seededRandom } from "../support/random.ts";
import { type FakeWatcher, type Told, WatchRig } from "../support/watching.ts";

const ALL = { room: "*" };

/** Words about one room. */
function about(watcher: FakeWatcher, room: string): Told[] {
  return watcher.told.filter(({ payload }) => "room" in payload && payload.room === room);
}

async function watchingAll(rig: WatchRig, parts: object = {}): Promise<FakeWatcher> {
  const watcher = rig.watcher();
  await rig.watch(watcher, { ...ALL, ...parts });
  await rig.turn();
  return watcher;
}

test("is answered with its id; then each room begins before its first change", async () => {
  const rig = new WatchRig(["ann", "bob", "cleo"]);
  await rig.put("bob", "a");
  const watcher = await watchingAll(rig);
  await rig.put("cleo", "b");
  await rig.turn();
  const watch = watcher.heard("answer")[0]?.watch;
  const position = { epoch: expect.any(String), tag: expect.any(Number) };
  expect(watcher.told).toEqual([
    { name: "answer", payload: { watch } },
    ...["ann", "bob", "cleo"].map((room) => ({
      name: "start",
      payload: {
        watch,
        room,
        position: { ...position, revision: room === "bob" ? 1 : 0 },
        snapshot: room === "bob" ? [expect.objectContaining({ key: "a" })] : [],
      },
    })),
    { name: "changes", payload: expect.objectContaining({ watch, room: "cleo" }) },
  ]);
});

test("rooms are far apart in their beginnings, yet none has a change before its own", async () => {
  const rig = new WatchRig(["ann", "bob"], delayedEngine(new MemoryEngine(), seededRandom(3)));
  const watcher = rig.watcher();
  const asked = rig.watch(watcher, ALL);
  for (let i = 0; i < 50; i++) {
    await rig.put(i % 2 === 0 ? "ann" : "bob", `k${i % 3}`);
    await rig.turn();
  }
  await asked;
  for (const room of ["ann", "bob"]) {
    const words = about(watcher, room);
    expect(words[0]?.name).toBe("start");
    expect(words.slice(1).every(({ name }) => name === "changes")).toBe(true);
    expect(words.at(-1)).toMatchObject({ payload: { position: { revision: 25 } } });
  }
});

test("rooms that are born later begin too, once", async () => {
  const rig = new WatchRig(["ann"]);
  const watcher = await watchingAll(rig);
  rig.accounts.create("dora", "password");
  await rig.put("dora", "a");
  await rig.turn();
  await rig.put("dora", "b");
  await rig.turn();
  expect(about(watcher, "dora")).toMatchObject([
    { name: "start", payload: { snapshot: [{ key: "a" }] } },
    { name: "changes", payload: { changes: [{ revision: 2 }] } },
  ]);
});

test("a room that is born while the others begin begins once", async () => {
  const rig = new WatchRig(["ann", "bob"]);
  rig.engine.beforeRead = async () => {
    if (rig.accounts.find("dora") === undefined) rig.accounts.create("dora", "password");
  };
  const watcher = await watchingAll(rig);
  await rig.put("dora", "a");
  await rig.turn();
  expect(about(watcher, "dora").map(({ name }) => name)).toEqual(["start", "changes"]);
});

describe("a room that is deleted", () => {
  test("has its last change by system, then its end; the others go on", async () => {
    const rig = new WatchRig();
    await rig.put("ann", "a");
    const watcher = await watchingAll(rig);
    await rig.remove("ann");
    await rig.put("bob", "b");
    await rig.turn();
    expect(about(watcher, "ann").slice(1)).toMatchObject([
      { name: "changes", payload: { changes: [{ revision: 2, by: "system", deletes: ["a"] }] } },
      { name: "end", payload: { watch: expect.any(String), room: "ann", reason: "The room was deleted." } },
    ]);
    expect(about(watcher, "ann").at(-1)?.payload).not.toHaveProperty("code");
    expect(about(watcher, "bob").at(-1)).toMatchObject({ name: "changes" });
  });

  test("has what was pending before its end", async () => {
    const rig = new WatchRig();
    const [all, one] = [await watchingAll(rig), rig.watcher()];
    await rig.watch(one, { room: "ann" });
    await rig.put("ann", "a");
    await rig.remove("ann");
    for (const watcher of [all, one]) {
      const words = watcher.told.filter(({ name }) => name === "changes" || name === "end");
      expect(words).toMatchObject([{ payload: { changes: [{ revision: 1 }, { revision: 2 }] } }, { name: "end" }]);
    }
    expect(rig.engine.following).toBe(1);
  });

  test("and comes anew begins anew, in another epoch", async () => {
    const rig = new WatchRig();
    await rig.put("ann", "old");
    const watcher = await watchingAll(rig);
    await rig.remove("ann");
    rig.accounts.create("ann", "password");
    await rig.turn();
    await rig.put("ann", "new");
    await rig.turn();
    expect(about(watcher, "ann").map(({ name }) => name)).toEqual(["start", "changes", "end", "start", "changes"]);
    const epochs = about(watcher, "ann").flatMap(({ payload }) =>
      "position" in payload ? [payload.position?.epoch] : [],
    );
    expect(new Set(epochs).size).toBe(2);
  });

  test("and comes anew before a far engine has deleted it begins anew all the same", async () => {
    const rig = new WatchRig(["ann"], delayedEngine(new MemoryEngine(), seededRandom(1)));
    await rig.put("ann", "old");
    const watcher = await watchingAll(rig);
    rig.accounts.remove("ann");
    const deleted = rig.engine.deleteRoom("ann");
    rig.accounts.create("ann", "password");
    await rig.turn();
    await deleted;
    for (let turns = 0; turns < 20; turns++) await rig.turn();
    expect(about(watcher, "ann").at(-1)).toMatchObject({ name: "start", payload: { snapshot: [] } });
  });

  test("while one was away ends on return; those that are there go on from their positions", async () => {
    const rig = new WatchRig(["ann", "bob", "cleo"]);
    const from: Record<string, Position> = {};
    for (const room of ["ann", "bob", "cleo"]) from[room] = await positionOf(rig.engine, room);
    await rig.put("bob", "b");
    await rig.remove("ann");
    rig.accounts.create("dora", "password");
    const watcher = await watchingAll(rig, { from });
    expect(about(watcher, "ann")).toMatchObject([{ name: "end", payload: { reason: "The room was deleted." } }]);
    expect(about(watcher, "bob")).toMatchObject([{ name: "start", payload: { changes: [{ revision: 1 }] } }]);
    expect(about(watcher, "cleo")).toMatchObject([{ name: "start", payload: { changes: [] } }]);
    expect(about(watcher, "dora")).toMatchObject([{ name: "start", payload: { snapshot: [] } }]);
  });

  test.each([
    ["ends, once", false],
    ["and is there again is a gap", true],
  ])("while one comes back, before its turn to begin, %s", async (_, comesAnew) => {
    const rig = new WatchRig();
    const from: Record<string, Position> = {};
    for (const room of ["ann", "bob"]) from[room] = await positionOf(rig.engine, room);
    await rig.put("bob", "old");
    let isDone = false;
    rig.engine.beforeRead = async () => {
      if (isDone) return;
      isDone = true;
      rig.accounts.remove("bob");
      await rig.engine.deleteRoom("bob");
      if (comesAnew) rig.accounts.create("bob", "password");
    };
    const watcher = await watchingAll(rig, { from });
    await rig.turn();
    expect(about(watcher, "bob")).toMatchObject([
      comesAnew ? { name: "start", payload: { gap: true, snapshot: [] } } : { name: "end" },
    ]);
  });

  test("and was there again before one came back is a gap", async () => {
    const rig = new WatchRig();
    const from = { ann: await positionOf(rig.engine, "ann") };
    await rig.put("ann", "old");
    await rig.remove("ann");
    rig.accounts.create("ann", "password");
    await rig.put("ann", "new");
    const watcher = await watchingAll(rig, { from });
    expect(about(watcher, "ann")).toMatchObject([
      { name: "start", payload: { gap: true, snapshot: [{ key: "new" }] } },
    ]);
  });
});

test("a position from the future is answered as such, and its room begins with a gap; the others go on", async () => {
  const rig = new WatchRig(["ann", "bob", "cleo"]);
  await rig.put("bob", "b");
  const [ann, bob] = [await positionOf(rig.engine, "ann"), await positionOf(rig.engine, "bob")];
  await rig.put("cleo", "c");
  const watcher = await watchingAll(rig, { from: { ann, bob: { ...bob, revision: 5 } } });
  await rig.put("bob", "b2");
  await rig.turn();
  expect(about(watcher, "bob")).toMatchObject([
    { name: "end", payload: { code: "future_position", reason: expect.stringMatching(/5/) } },
    { name: "start", payload: { gap: true, position: bob, snapshot: [{ key: "b" }] } },
    { name: "changes", payload: { changes: [{ revision: 2 }] } },
  ]);
  expect(about(watcher, "ann")).toMatchObject([{ name: "start", payload: { changes: [] } }]);
  expect(about(watcher, "cleo")).toMatchObject([{ name: "start", payload: { snapshot: [{ key: "c" }] } }]);
  rig.watches.forget(watcher);
  expect(rig.engine.following).toBe(0);
});

test("a name of the prototype is a room like others in `from`", async () => {
  const rig = new WatchRig(["__proto__", "constructor"]);
  const watcher = await watchingAll(rig, { from: {} });
  expect(watcher.heard("start").map(({ room, snapshot, gap }) => [room, snapshot, gap])).toEqual([
    ["__proto__", [], undefined],
    ["constructor", [], undefined],
  ]);
});

test("a filter holds in every room", async () => {
  const rig = new WatchRig();
  await rig.put("ann", "secret");
  const watcher = await watchingAll(rig, { prefix: "open" });
  for (const key of ["secret", "open"]) for (const room of ["ann", "bob"]) await rig.put(room, key);
  await rig.turn();
  expect(JSON.stringify(watcher.told)).not.toContain("secret");
  expect(watcher.heard("changes").map(({ room }) => room)).toEqual(["ann", "bob"]);
});

test("ends as a whole: no word of any room after that, also of those that were about to begin", async () => {
  const rig = new WatchRig(["ann", "bob", "cleo"]);
  const watcher = rig.watcher();
  let id = "";
  let reads = 0;
  rig.engine.afterRead = async () => {
    if (++reads !== 2) return;
    id = watcher.heard("answer")[0]?.watch ?? "";
    rig.watches.unwatch(watcher, id);
    watcher.take();
  };
  await rig.watch(watcher, ALL);
  await rig.put("ann", "a");
  rig.accounts.create("dora", "password");
  await rig.turn();
  expect(id).not.toBe("");
  expect([reads, watcher.told, rig.engine.following]).toEqual([2, [], 0]);
});

test("a room that the engine cannot tell of ends in words, and the others begin", async () => {
  const rig = new WatchRig(["ann", "bob"]);
  let reads = 0;
  rig.engine.beforeRead = async () => {
    if (++reads === 1) throw new Error("secret detail");
  };
  const watcher = await watchingAll(rig);
  expect(about(watcher, "ann")).toMatchObject([
    { name: "end", payload: { reason: expect.stringMatching(/Watch again/), code: "internal" } },
  ]);
  expect(about(watcher, "bob")).toMatchObject([{ name: "start" }]);
  expect(rig.engine.following).toBe(1);
});

test("a client that does not take what it is sent gets one room after the other", async () => {
  const rig = new WatchRig(["ann", "bob", "cleo"]);
  const watcher = rig.watcher();
  watcher.weight = 2 ** 20;
  const asked = rig.watch(watcher, ALL);
  await rig.turn();
  const begun = [watcher.heard("start").length];
  for (let i = 0; i < 3; i++) {
    watcher.waiting(0);
    await rig.turn();
    begun.push(watcher.heard("start").length);
  }
  await asked;
  expect(begun).toEqual([0, 1, 2, 3]);
});
