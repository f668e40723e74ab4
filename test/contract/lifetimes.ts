import { describe, expect, test } from "@jest/globals";
import type { Change, Put } from "../../server/engine/port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ask, commit, expectKind, type MakeEngine, positionOf, put, read, remove, replay, valuesOf } from "./kit.ts";

export function lifetimeContract(make: MakeEngine): void {
  function setUp() {
    const clock = new ManualClock();
    const engine = make({}, clock);
    const changes: Change[] = [];
    engine.follow("room", { committed: (change) => void changes.push(change), deleted: () => undefined });
    const run = (operation: Parameters<typeof ask>[2]) => ask(engine, "room", operation);
    const keep = (key: string, life: Partial<Put>, owner = "ann") =>
      run(commit({ by: owner, owner, puts: [{ key, value: "1", ...life }] }));
    const touch = (key: string, ttlMs: number | null) => run({ kind: "touch", by: "ann", owner: "ann", key, ttlMs });
    const values = (...keys: string[]) => valuesOf(engine, "room", ...keys);
    return { clock, engine, changes, run, keep, touch, values };
  }

  describe("a value with a time to live", () => {
    test("is deleted by system when it is over, in a commit like others, though nobody asks", async () => {
      const { clock, changes, engine, keep, run } = setUp();
      const start = await positionOf(engine, "room");
      await keep("a", { ttlMs: 100 });
      await keep("b", { ttlMs: 100 });
      clock.advance(99);
      expect(changes).toHaveLength(2);
      clock.advance(1);
      expect(changes.at(-1)).toMatchObject({
        revision: 3,
        by: "system",
        at: clock.now(),
        puts: [],
        deletes: ["a", "b"],
      });
      const { records } = expectKind(await run(replay(start)), "replayed");
      expect(records.map(({ revision, by }) => [revision, by])).toEqual([
        [1, "ann"],
        [2, "ann"],
        [3, "system"],
      ]);
    });

    test("says when it goes, by the wall clock; what counts is the other one", async () => {
      const { clock, keep, run, values } = setUp();
      await keep("a", { ttlMs: 100 });
      const expiresAt = clock.now() + 100;
      expect(await run(read("a"))).toMatchObject({ entries: [{ key: "a", expiresAt }] });
      clock.setWall(clock.now() + 86_400_000);
      expect(await values("a")).toEqual(["1"]);
      clock.advance(100);
      expect(await values("a")).toEqual([null]);
    });

    test("is gone before what waited for its key and is let in at that moment", async () => {
      const { clock, changes, keep, run, values } = setUp();
      const lock = (owner: string, keys: readonly string[], waitMs: number) =>
        run({ kind: "lock", by: owner, owner, keys, mode: "exclusive", claim: { waitMs } });
      await keep("a", { ttlMs: 100 });
      await keep("b", { ttlMs: 100 });
      await lock("ann", ["held"], 0);
      const ahead = expectKind(await lock("bob", ["held", "a", "b"], 100), "parked");
      const write = commit({ owner: "cleo", puts: [{ key: "a", value: "2" }], claim: { waitMs: 1_000 } });
      const behind = expectKind(await run({ ...write, conditions: [{ key: "b", revision: 0 }] }), "parked");
      clock.advance(100);
      expect(await ahead.settled).toMatchObject({ code: "locked" });
      expect(await behind.settled).toMatchObject({ kind: "committed", version: 1 });
      expect(await values("a", "b")).toEqual(["2", null]);
      expect(changes.slice(2)).toMatchObject([{ by: "system", deletes: ["a", "b"] }, { puts: [{ key: "a" }] }]);
    });

    test("an overwrite without one clears it, also in a transaction; one with another replaces it", async () => {
      const { clock, keep, run, values } = setUp();
      for (const key of ["a", "b", "c", "d"]) await keep(key, { ttlMs: 100 });
      await run(put("a", "2"));
      const step = { kind: "put", key: "b", value: "2" } as const;
      await run({ kind: "transact", by: "ann", conditions: [], steps: [step], otherwise: [] });
      await keep("c", { ttlMs: 200 });
      await run(remove("d"));
      await run(put("d", "2"));
      clock.advance(199);
      expect(await values("a", "b", "c", "d")).toEqual(["2", "2", "1", "2"]);
      clock.advance(1);
      expect(await values("a", "b", "c", "d")).toEqual(["2", "2", null, "2"]);
      expect(await run(read("a"))).not.toMatchObject({ entries: [{ expiresAt: expect.anything() }] });
    });

    test("a touch has it go at another time, or not at all, and commits nothing", async () => {
      const { clock, changes, keep, touch, values } = setUp();
      await keep("a", { ttlMs: 100 });
      await keep("b", { ttlMs: 100 });
      await keep("c", {});
      clock.advance(50);
      const expiresAt = clock.now() + 100;
      expect(await touch("a", 100)).toEqual({ kind: "touched", existed: true, expiresAt });
      expect(await touch("b", null)).toEqual({ kind: "touched", existed: true, expiresAt: null });
      expect(await touch("c", 100)).toEqual({ kind: "touched", existed: true, expiresAt });
      expect(await touch("none", 100)).toEqual({ kind: "touched", existed: false, expiresAt: null });
      expect(changes).toHaveLength(3);
      clock.advance(99);
      expect(await values("a", "b", "c")).toEqual(["1", "1", "1"]);
      clock.advance(1);
      expect(await values("a", "b", "c")).toEqual([null, "1", null]);
    });

    test("that is restored by an undo stays", async () => {
      const { clock, keep, run, values } = setUp();
      await keep("a", { ttlMs: 100 });
      clock.advance(100);
      expect(await run({ kind: "undo", by: "ann", owner: "ann", revision: 2 })).toMatchObject({ revision: 3 });
      clock.advance(1_000);
      expect(await values("a")).toEqual(["1"]);
    });

    test("many that go at once do so in commits that are no larger than a request could make", async () => {
      const { clock, changes, run } = setUp();
      for (const from of [0, 800]) {
        const keys = Array.from({ length: 800 }, (_, i) => `k${from + i}`);
        await run(commit({ puts: keys.map((key) => ({ key, value: "", ttlMs: 100 })) }));
      }
      clock.advance(100);
      expect(changes.slice(2).map(({ deletes }) => deletes.length)).toEqual([1_024, 576]);
    });

    test("a thousand keys that go have one timer", async () => {
      const { clock, keep, touch, values } = setUp();
      for (let i = 0; i < 1_000; i++) await keep(`k${i}`, { ttlMs: 1_000 - i });
      for (let i = 0; i < 1_000; i++) await touch("k0", 2_000);
      expect(clock.pending).toBe(1);
      clock.advance(1_000);
      expect(await values("k0", "k1", "k999")).toEqual(["1", null, null]);
    });
  });

  describe("an ephemeral value", () => {
    test("goes with its owner, by system, all of a room in one commit", async () => {
      const { changes, engine, keep, run } = setUp();
      await keep("a", { ephemeral: true });
      await keep("b", { ephemeral: true });
      await keep("c", { ephemeral: true }, "bob");
      expect(await run(read("a"))).toMatchObject({ entries: [{ ephemeral: true }] });
      await engine.forgetClient("ann");
      expect(changes.at(-1)).toMatchObject({ revision: 4, by: "system", deletes: ["a", "b"] });
      await engine.forgetClient("ann");
      expect(changes).toHaveLength(4);
    });

    test("that somebody has put again is his, or stays", async () => {
      const { engine, keep, run, values } = setUp();
      for (const key of ["a", "b", "c"]) await keep(key, { ephemeral: true });
      await keep("a", { ephemeral: true }, "bob");
      await run(put("b", "2", { by: "bob", owner: "bob" }));
      await run(remove("c"));
      await engine.forgetClient("ann");
      expect(await values("a", "b", "c")).toEqual(["1", "2", null]);
      await engine.forgetClient("bob");
      expect(await values("a", "b")).toEqual([null, "2"]);
    });

    test("may have a time to live too: what ends first counts", async () => {
      const { clock, engine, keep, touch, values } = setUp();
      await keep("a", { ephemeral: true, ttlMs: 100 });
      await keep("b", { ephemeral: true, ttlMs: 100 });
      await touch("b", null);
      clock.advance(100);
      expect(await values("a", "b")).toEqual([null, "1"]);
      await engine.forgetClient("ann");
      expect(await values("b")).toEqual([null]);
    });
  });

  test("nothing expires in a room that was deleted, or in the next of its name", async () => {
    const { clock, engine, keep, values, changes } = setUp();
    await keep("a", { ttlMs: 100 });
    await keep("b", { ephemeral: true });
    await engine.deleteRoom("room");
    await keep("a", {});
    await keep("b", {});
    const before = changes.length;
    clock.advance(100);
    await engine.forgetClient("ann");
    expect(await values("a", "b")).toEqual(["1", "1"]);
    expect(changes).toHaveLength(before);
  });
}
