import { describe, expect, test } from "@jest/globals";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { caller } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { type FakeWatcher, WatchRig } from "../support/watching.ts";

/** Nothing of any watch remains. */
function expectNothingLeft(rig: WatchRig): void {
  expect(rig.engine.following).toBe(0);
  expect(rig.clock.pending).toBe(0);
  expect(rig.watchers.flatMap(({ channels }) => [...channels])).toEqual([]);
  for (const room of rig.accounts.names()) expect([...rig.watches.watchersOf(room)]).toEqual([]);
}

function revisions(watcher: FakeWatcher): number[] {
  return watcher.heard("changes").flatMap(({ changes }) => changes.map(({ revision }) => revision));
}

function idOf(watcher: FakeWatcher): string {
  return watcher.heard("answer").at(-1)?.watch ?? "";
}

describe("the id", () => {
  test("names the question, not the asker", async () => {
    const rig = new WatchRig();
    const [one, other, all] = [rig.watcher("ann"), rig.watcher(), rig.watcher()];
    await rig.watch(one);
    await rig.watch(other, { room: "ann" });
    await rig.watch(all, { room: "ann", prefix: "" });
    expect(new Set([one, other, all].map(idOf)).size).toBe(1);
  });

  test("differs with room, key, prefix and copy, and is short whatever they are", async () => {
    const rig = new WatchRig();
    const long = "k".repeat(512);
    const questions = [{}, { key: "a" }, { prefix: "a" }, { key: long }, { copy: 1 }, { copy: 2 }, { room: "bob" }];
    const watcher = rig.watcher("ann");
    for (const question of [...questions, { room: "*" }]) await rig.watch(watcher, question);
    const ids = watcher.heard("answer").map(({ watch }) => watch);
    expect(new Set(ids).size).toBe(questions.length + 1);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
  });
});

describe("the same question again on one connection", () => {
  test("is answered with the same id and begins anew; changes come once", async () => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    await rig.watch(watcher);
    await rig.put("ann", "a");
    await rig.watch(watcher);
    await rig.put("ann", "b");
    await rig.turn();
    expect(watcher.heard("answer")).toMatchObject([
      { snapshot: [] },
      { snapshot: [{ key: "a" }], watch: idOf(watcher) },
    ]);
    expect(revisions(watcher)).toEqual([2]);
    expect(rig.engine.following).toBe(1);
  });

  test.each([0, 1])("while read %i of two is still under way: the later one counts, and stays live", async (late) => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let reads = 0;
    rig.engine.afterRead = async () => {
      if (reads++ === late) await held;
    };
    const asked = [rig.watch(watcher), rig.watch(watcher)].map((one) =>
      one.then(
        () => "begun",
        (error) => error.code,
      ),
    );
    await rig.turn();
    release();
    expect(await Promise.all(asked)).toEqual(["conflict", "begun"]);
    await rig.put("ann", "a");
    await rig.turn();
    expect(watcher.heard("answer")).toHaveLength(1);
    expect(revisions(watcher)).toEqual([1]);
    rig.watches.forget(watcher);
    expectNothingLeft(rig);
  });

  test("as a copy is another watch: each has every change", async () => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    await rig.watch(watcher);
    await rig.watch(watcher, { copy: 1 });
    await rig.put("ann", "a");
    await rig.turn();
    expect(revisions(watcher)).toEqual([1, 1]);
    rig.watches.unwatch(watcher, idOf(watcher));
    await rig.put("ann", "b");
    await rig.turn();
    expect(revisions(watcher)).toEqual([1, 1, 2]);
  });
});

describe("nothing comes, and nothing is left", () => {
  test("after unwatch, also of what is pending in the turn", async () => {
    const rig = new WatchRig();
    const [leaving, staying] = [rig.watcher("ann"), rig.watcher()];
    await rig.watch(leaving);
    await rig.watch(staying, { room: "ann" });
    await rig.put("ann", "a");
    rig.watches.unwatch(leaving, idOf(leaving));
    await rig.turn();
    expect([revisions(leaving), revisions(staying)]).toEqual([[], [1]]);
    rig.watches.unwatch(staying, idOf(staying));
    rig.watches.unwatch(staying, "unknown");
    await rig.turn();
    expectNothingLeft(rig);
  });

  test("after the connection has gone, whatever it watched and was about to watch", async () => {
    const rig = new WatchRig(["ann", "bob", "cleo"]);
    const watcher = rig.watcher();
    for (const question of [{ room: "ann" }, { room: "ann", key: "a" }, { room: "bob" }, { room: "*" }]) {
      await rig.watch(watcher, question);
    }
    await rig.put("ann", "b");
    await rig.turn();
    const asked = rejectionOf(rig.watch(watcher, { room: "cleo", key: "c" }));
    rig.watches.forget(watcher);
    watcher.take();
    expect(await asked).toMatchObject({ code: "conflict" });
    await rig.put("ann", "c");
    rig.accounts.create("dora", "password");
    await rig.turn();
    expect(watcher.told).toEqual([]);
    expectNothingLeft(rig);
  });

  test("after the room has gone", async () => {
    const rig = new WatchRig();
    const [present, arriving] = [rig.watcher(), rig.watcher()];
    await rig.watch(present, { room: "ann", key: "a" });
    await rig.put("ann", "b");
    await rig.turn();
    rig.engine.afterRead = () => rig.remove("ann");
    const asked = rejectionOf(rig.watch(arriving, { room: "ann" }));
    await rig.turn();
    expect(await asked).toMatchObject({ code: "not_found", message: "The room was deleted." });
    expect(arriving.told).toEqual([]);
    expect(present.heard("end")).toEqual([{ watch: idOf(present), room: "ann", reason: "The room was deleted." }]);
    await rig.turn();
    expectNothingLeft(rig);
  });

  test("after an engine that failed when it was over already", async () => {
    const rig = new WatchRig();
    const [one, all] = [rig.watcher("ann"), rig.watcher()];
    rig.engine.beforeRead = async () => {
      for (const watcher of [one, all]) rig.watches.forget(watcher);
      throw new Error("broken");
    };
    expect(await rejectionOf(rig.watch(one))).toMatchObject({ code: "conflict" });
    await rig.watch(all, { room: "*" });
    expect([one.told, all.heard("end")]).toEqual([[], []]);
    expectNothingLeft(rig);
  });

  test("after an engine that failed, which only the log tells in full", async () => {
    const rig = new WatchRig();
    const broken = new Error("secret detail");
    rig.engine.beforeRead = () => Promise.reject(broken);
    const refused = await rejectionOf(rig.watch(rig.watcher("ann")));
    expect(refused).toMatchObject({ code: "internal", message: expect.not.stringContaining("secret") });
    expect(rig.log.lines).toMatchObject([{ level: "error", fields: { err: broken, room: "ann" } }]);
    expectNothingLeft(rig);
  });
});

test("a watch ended before a held up newcomer begins is answered so, and the room's feed closes", async () => {
  const rig = new WatchRig();
  const watcher = rig.watcher("ann");
  watcher.waiting(2 ** 20);
  const asked = rejectionOf(rig.watch(watcher));
  await rig.turn();
  rig.watches.forget(watcher);
  watcher.abort();
  expect(await asked).toMatchObject({ code: "conflict" });
  expectNothingLeft(rig);
});

test("a room that nobody has is not found, and a stranger's room is forbidden, whether there is one or not", async () => {
  const rig = new WatchRig();
  const watcher = rig.watcher("boss");
  expect(await rejectionOf(rig.watch(watcher, { room: "nobody" }))).toMatchObject({ code: "not_found" });
  for (const room of ["bob", "nobody", "*", "shared"]) {
    const asked = rig.watches.watch(caller("ann"), watcher, { room }, () => undefined);
    expect(await rejectionOf(asked)).toMatchObject({ code: "forbidden" });
  }
  expectNothingLeft(rig);
});

test("one connection has at most 1,000 watches; one more when one ends, and the same again at any time", async () => {
  const rig = new WatchRig(["ann"], new MemoryEngine());
  const watcher = rig.watcher("ann");
  for (let copy = 1; copy <= 1000; copy++) await rig.watch(watcher, { copy });
  expect(await rejectionOf(rig.watch(watcher))).toMatchObject({
    code: "quota",
    message: expect.stringMatching(/1000/),
  });
  await rig.watch(watcher, { copy: 7 });
  rig.watches.unwatch(watcher, idOf(watcher));
  await rig.watch(watcher);
  await rig.watch(rig.watcher("ann"));
});
