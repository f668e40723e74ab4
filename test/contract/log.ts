import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../protocol/fields.ts";
import type { Change, Engine, Operation } from "../../server/engine/port.ts";
import { ask, commit, expectKind, given, type MakeEngine, positionOf, put, read, remove, replay } from "./kit.ts";

const GAP = { kind: "gap" };

/** Runs the operations one at a time; answers the positions before, between and behind them. */
async function walk(engine: Engine, room: string, operations: readonly Operation[]): Promise<Position[]> {
  const positions = [await positionOf(engine, room)];
  for (const operation of operations) {
    await ask(engine, room, operation);
    positions.push(await positionOf(engine, room));
  }
  return positions;
}

async function revisionsSince(engine: Engine, room: string, from: Position): Promise<number[]> {
  const { records } = expectKind(await ask(engine, room, replay(from)), "replayed");
  return records.map(({ revision }) => revision);
}

const puts = (count: number) => Array.from({ length: count }, (_, i) => put("n", String(i)));

export function logContract(make: MakeEngine): void {
  describe("the log", () => {
    test("replays from every position, from before the first commit to the present", async () => {
      const engine = make();
      const positions = await walk(engine, "ann", puts(6));
      expect(positions.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      for (const [i, from] of positions.entries()) {
        const replayed = expectKind(await ask(engine, "ann", replay(from)), "replayed");
        expect(replayed.records.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6].slice(i));
        expect(replayed.position).toEqual(positions[6]);
      }
    });

    test("replays nothing to an empty room", async () => {
      const engine = make();
      const position = await positionOf(engine, "ann");
      expect(await ask(engine, "ann", replay(position))).toEqual({ kind: "replayed", records: [], position });
    });

    test("replays a commit of whatever shape as it was told when it happened, with what it replaced", async () => {
      const engine = make();
      const told: Change[] = [];
      const start = await positionOf(engine, "ann");
      engine.follow("ann", { committed: (change) => void told.push(change), deleted: () => undefined });
      await walk(engine, "ann", [
        put("a", "1"),
        put("a", "2"),
        put("b", "1", { deletes: ["a"] }),
        commit({ puts: ["a", "b"].map((key) => ({ key, value: "3" })) }),
        remove("b"),
      ]);
      const { records } = expectKind(await ask(engine, "ann", replay(start)), "replayed");
      expect(told).toMatchObject(records.map(({ replaced: _, ...change }) => change));
      expect(told.map(({ deletes }) => deletes)).toEqual([[], [], ["a"], [], ["b"]]);
      const replaced = records.map((record) => record.replaced.map(({ key, revision }) => `${key} at ${revision}`));
      expect(replaced).toEqual([[], ["a at 1"], ["a at 2"], ["b at 3"], ["b at 4"]]);
    });

    test("keeps who, when, what was put and deleted, and what that replaced", async () => {
      const engine = make();
      const [start] = await walk(engine, "ann", [put("a", "1"), put("gone", "1")]);
      const before = expectKind(await ask(engine, "ann", read("a", "gone")), "entries").entries;
      const several = { puts: ["b", "a"].map((key) => ({ key, value: "2" })), deletes: ["none", "gone"], by: "bob" };
      await ask(engine, "ann", commit(several));
      const after = expectKind(await ask(engine, "ann", read("b", "a")), "entries").entries;
      const { records, position } = expectKind(await ask(engine, "ann", replay(start as Position)), "replayed");
      expect(records.map(({ replaced, deletes, by }) => ({ replaced, deletes, by })).slice(0, 2)).toEqual([
        { replaced: [], deletes: [], by: "ann" },
        { replaced: [], deletes: [], by: "ann" },
      ]);
      expect(records[2]).toEqual({
        revision: 3,
        tag: position.tag,
        at: after[0]?.updatedAt,
        by: "bob",
        puts: after,
        deletes: ["gone"],
        replaced: expect.arrayContaining([...before]),
      });
      expect(records[2]?.replaced).toHaveLength(2);
    });

    test("gives each commit a tag of its own", async () => {
      const engine = make();
      const positions = [...(await walk(engine, "ann", puts(20))), ...(await walk(engine, "bob", puts(20)))];
      expect(new Set(positions.map(({ tag }) => tag)).size).toBe(42);
    });

    test("has no record of what was refused or changed nothing", async () => {
      const engine = make({ roomKeys: 1 });
      const nothing = [put("a", "no", given("a", 0)), remove("b"), commit({}), put("b", "no")];
      const [start] = await walk(engine, "ann", [put("a", "1"), ...nothing, put("a", "2")]);
      expect(await revisionsSince(engine, "ann", start as Position)).toEqual([1, 2]);
    });

    test("keeps logRecords records: it replays from the place before the oldest, and from none before that", async () => {
      const engine = make({ logRecords: 3 });
      const positions = await walk(engine, "ann", []);
      // At each length, because a log that is tidied now and then may be right only just after that.
      for (let newest = 1; newest <= 14; newest++) {
        positions.push(...(await walk(engine, "ann", puts(1))).slice(1));
        const all = Array.from({ length: newest }, (_, i) => i + 1);
        for (const [i, from] of positions.entries()) {
          if (i >= newest - 3) expect(await revisionsSince(engine, "ann", from)).toEqual(all.slice(i));
          else expect(await ask(engine, "ann", replay(from))).toEqual(GAP);
        }
      }
    });

    test("keeps no more than logBytes: whoever stands before that is told of the gap", async () => {
      const engine = make({ logBytes: 100_000 });
      const positions = await walk(
        engine,
        "ann",
        Array.from({ length: 20 }, () => put("n", "x".repeat(10_000))),
      );
      const replays = await Promise.all(positions.map((from) => ask(engine, "ann", replay(from))));
      const kinds = replays.map(({ kind }) => kind);
      const kept = kinds.filter((kind) => kind === "replayed").length;
      expect(kept).toBeGreaterThan(1);
      expect(kept).toBeLessThan(11);
      expect(kinds).toEqual([...Array<string>(21 - kept).fill("gap"), ...Array<string>(kept).fill("replayed")]);
    });

    test("knows the present also when it can keep no record at all", async () => {
      for (const engine of [make({ logRecords: 0 }), make({ logBytes: 10 })]) {
        const [start, , end] = await walk(engine, "ann", puts(2));
        expect(end).toMatchObject({ revision: 2 });
        expect(await ask(engine, "ann", replay(start as Position))).toEqual(GAP);
        expect(await revisionsSince(engine, "ann", end as Position)).toEqual([]);
      }
    });

    test("answers a gap to another epoch or another tag, at every revision", async () => {
      const engine = make({ logRecords: 3 });
      const positions = await walk(engine, "ann", puts(5));
      const strangers = new Set(positions.map(({ tag }) => tag));
      for (const from of positions) {
        expect(await ask(engine, "ann", replay({ ...from, epoch: `${from.epoch}x` }))).toEqual(GAP);
        for (const tag of [-1, 0, from.tag + 1000, ...strangers]) {
          if (tag === from.tag) continue;
          expect(await ask(engine, "ann", replay({ ...from, tag }))).toEqual(GAP);
        }
      }
    });

    test("refuses a position from the future, whatever its tag, but not one of another epoch", async () => {
      const engine = make();
      await ask(engine, "ann", put("a", "1"));
      const now = await positionOf(engine, "ann");
      for (const revision of [2, 3, Number.MAX_SAFE_INTEGER]) {
        const refused = expectKind(await ask(engine, "ann", replay({ ...now, revision })), "refused");
        expect(refused.code).toBe("future_position");
        expect(refused.message).toContain(`revision ${revision}`);
        expect(await ask(engine, "ann", replay({ ...now, revision, epoch: "other" }))).toEqual(GAP);
      }
    });
  });

  describe("deleting a room", () => {
    test("takes its keys and its log; the next of that name begins anew in another epoch", async () => {
      const engine = make();
      const old = await walk(engine, "ann", [put("a", "1"), put("b", "1")]);
      await ask(engine, "bob", put("a", "1"));
      await engine.deleteRoom("ann");
      expect(await engine.keyCounts(["ann", "bob"])).toEqual([0, 1]);
      expect(await ask(engine, "ann", read("a"))).toEqual({ kind: "entries", entries: [null], revision: 0 });
      const [fresh] = await walk(engine, "ann", []);
      expect(fresh?.revision).toBe(0);
      expect(fresh?.epoch).not.toBe(old[0]?.epoch);
      expect(await ask(engine, "ann", put("a", "2"))).toMatchObject({ revision: 1, version: 1 });
      for (const from of old) expect(await ask(engine, "ann", replay(from))).toEqual(GAP);
      expect(await revisionsSince(engine, "ann", fresh as Position)).toEqual([1]);
    });

    test("that does not exist does nothing", async () => {
      const engine = make();
      await engine.deleteRoom("nobody");
      expect(await engine.keyCounts(["nobody"])).toEqual([0]);
    });

    test("takes what was issued before it and spares what comes after", async () => {
      const engine = make();
      const before = ask(engine, "ann", put("a", "1"));
      const deleted = engine.deleteRoom("ann");
      const after = ask(engine, "ann", put("b", "1"));
      expect(await Promise.all([before, deleted, after])).toMatchObject([{ revision: 1 }, undefined, { revision: 1 }]);
      expect(await engine.keyCounts(["ann"])).toEqual([1]);
    });
  });

  test("rooms have epochs of their own", async () => {
    const engine = make();
    const [ann, bob] = [await positionOf(engine, "ann"), await positionOf(engine, "bob")];
    expect(ann.epoch).not.toBe(bob.epoch);
    expect(await ask(engine, "bob", replay(ann))).toEqual(GAP);
  });

  test("two engines never have the same epoch", async () => {
    const [one, other] = [make(), make()];
    const position = await positionOf(one, "ann");
    expect((await positionOf(other, "ann")).epoch).not.toBe(position.epoch);
    expect(await ask(other, "ann", replay(position))).toEqual(GAP);
  });
}
