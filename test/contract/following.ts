import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../protocol/fields.ts";
import type { Change, Engine, Filter, Follower } from "../../server/engine/port.ts";
import { ask, commit, expectKind, type MakeEngine, positionOf, put, remove, replay } from "./kit.ts";

const ALL: Filter = { kind: "all" };

async function snapshotOf(engine: Engine, room: string, filter: Filter = ALL) {
  return expectKind(await ask(engine, room, { kind: "snapshot", filter }), "snapshot");
}

/** The keys of a snapshot, whose order is not promised. */
async function keysIn(engine: Engine, room: string, filter: Filter): Promise<string[]> {
  return (await snapshotOf(engine, room, filter)).entries.map(({ key }) => key).toSorted();
}

/** Keeps what it is told. */
class Recorder implements Follower {
  readonly changes: Change[] = [];
  readonly positions: Position[] = [];
  readonly told: (number | "deleted")[] = [];

  committed(change: Change, position: Position): void {
    this.changes.push(change);
    this.positions.push(position);
    this.told.push(change.revision);
  }

  deleted(): void {
    this.told.push("deleted");
  }
}

export function followingContract(make: MakeEngine): void {
  describe("a snapshot", () => {
    test("is everything at its position, from which the log goes on", async () => {
      const engine = make();
      expect(await snapshotOf(engine, "ann")).toEqual({
        kind: "snapshot",
        entries: [],
        position: await positionOf(engine, "ann"),
      });
      for (const key of ["b", "a", "c"]) await ask(engine, "ann", put(key, "1"));
      await ask(engine, "ann", remove("b"));
      const { entries, position } = await snapshotOf(engine, "ann");
      expect(entries.toSorted((one, other) => one.revision - other.revision)).toMatchObject([
        { key: "a", value: "1", revision: 2, version: 1, updatedBy: "ann" },
        { key: "c", value: "1", revision: 3 },
      ]);
      expect(position.revision).toBe(4);
      await ask(engine, "ann", put("d", "1"));
      expect(await ask(engine, "ann", replay(position))).toMatchObject({ records: [{ revision: 5 }] });
      expect(entries).toHaveLength(2);
    });

    test("of a key or a prefix holds nothing else", async () => {
      const engine = make();
      const keys = ["a", "ab", "abc", "ac", "b", "é", "é1", "f", "\u{1F600}", "a\u{10FFFF}", "a\uffff"];
      for (const key of keys) await ask(engine, "ann", put(key, ""));
      expect(await keysIn(engine, "ann", { kind: "key", key: "ab" })).toEqual(["ab"]);
      expect(await keysIn(engine, "ann", { kind: "key", key: "none" })).toEqual([]);
      for (const prefix of ["a", "ab", "é", "\u{1F600}", "a\uffff", "z"]) {
        const expected = keys.filter((key) => key.startsWith(prefix)).toSorted();
        expect(await keysIn(engine, "ann", { kind: "prefix", prefix })).toEqual(expected);
      }
    });
  });

  describe("a follower", () => {
    test("is told of every commit of its room in the log's order, as the log has it, and of nothing else", async () => {
      const engine = make({ roomKeys: 3 });
      const [ann, bob] = [new Recorder(), new Recorder()];
      engine.follow("ann", ann);
      engine.follow("bob", bob);
      const start = await positionOf(engine, "ann");
      await Promise.all([
        ask(engine, "ann", put("a", "1")),
        ask(engine, "bob", put("a", "1")),
        ask(engine, "ann", commit({ puts: ["a", "b"].map((key) => ({ key, value: "2" })), by: "bob" })),
        engine.run("ann", [put("c", "1"), remove("none"), put("d", "too many"), remove("b", { id: ID }), commit({})]),
      ]);
      // A repeat of an operation id is not run again.
      await ask(engine, "ann", remove("b", { id: ID }));
      const { records } = expectKind(await ask(engine, "ann", replay(start)), "replayed");
      expect(ann.told).toEqual([1, 2, 3, 4]);
      expect(
        ann.changes.map(({ revision, tag, at, by, puts, deletes }) => ({ revision, tag, at, by, puts, deletes })),
      ).toEqual(records.map(({ replaced: _, ...change }) => change));
      for (const [i, position] of ann.positions.entries()) {
        expect(position).toEqual({ epoch: start.epoch, revision: i + 1, tag: records[i]?.tag });
        const rest = expectKind(await ask(engine, "ann", replay(position)), "replayed").records;
        expect(rest).toHaveLength(records.length - i - 1);
      }
      expect(bob.told).toEqual([1]);
    });

    test("is told of nothing before the call, and of nothing after it was stopped", async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1"));
      const [one, other] = [new Recorder(), new Recorder()];
      const stop = engine.follow("ann", one);
      engine.follow("ann", other);
      await ask(engine, "ann", put("n", "2"));
      stop();
      stop();
      await ask(engine, "ann", put("n", "3"));
      expect([one.told, other.told]).toEqual([[2], [2, 3]]);
    });

    test("may stop itself and others while it is told", async () => {
      const engine = make();
      const stops: (() => void)[] = [];
      const told: string[] = [];
      const follower = (name: string): Follower => ({
        committed: () => {
          told.push(name);
          for (const stop of stops) stop();
        },
        deleted: () => undefined,
      });
      stops.push(engine.follow("ann", follower("one")), engine.follow("ann", follower("other")));
      await ask(engine, "ann", put("n", "1"));
      expect(told).toEqual(["one"]);
    });

    test("of a room that is deleted hears of one last change by system, then of the end, and then of the next life", async () => {
      const engine = make();
      const recorder = new Recorder();
      engine.follow("ann", recorder);
      for (const key of ["a", "b"]) await ask(engine, "ann", put(key, ""));
      await engine.deleteRoom("ann");
      expect(recorder.told).toEqual([1, 2, 3, "deleted"]);
      expect(recorder.changes[2]).toMatchObject({ by: "system", puts: [] });
      expect(recorder.changes[2]?.deletes.toSorted()).toEqual(["a", "b"]);
      await ask(engine, "ann", put("c", ""));
      expect(recorder.told).toEqual([1, 2, 3, "deleted", 1]);
      expect(recorder.positions[3]?.epoch).not.toBe(recorder.positions[2]?.epoch);
    });

    test("of an empty room that is deleted hears of the end alone", async () => {
      const engine = make();
      const recorder = new Recorder();
      await positionOf(engine, "ann");
      engine.follow("ann", recorder);
      await engine.deleteRoom("ann");
      expect(recorder.told).toEqual(["deleted"]);
    });
  });
}

const ID = { client: "c".repeat(22), counter: 1 };
