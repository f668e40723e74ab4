import { describe, expect, test } from "@jest/globals";
import type { Operation } from "../../server/engine/port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { freshSeed, seededRandom } from "../support/random.ts";
import { ask, commit, expectKind, type MakeEngine, put, remove, valuesOf } from "./kit.ts";

const undo = (revision: number): Operation => ({ kind: "undo", by: "bob", owner: "bob", revision });

export function pastContract(make: MakeEngine): void {
  const seed = freshSeed();
  const timed = () => {
    const clock = new ManualClock();
    return { engine: make({}, clock), clock };
  };

  describe("the past", () => {
    test(`a key at a revision is what it was then, as far as the log reaches, seed ${seed}`, async () => {
      const random = seededRandom(seed);
      const engine = make({ logRecords: 40 });
      const was: (string | null)[] = [null];
      for (let revision = 1; revision <= 60; revision++) {
        const isOfA = random.int(2) === 0;
        const value = random.int(4) === 0 ? null : `${revision}`;
        const others = [{ key: "b", value: `${revision}` }];
        const change = value === null ? { deletes: ["a"], puts: others } : { puts: [...others, { key: "a", value }] };
        await ask(engine, "room", commit(isOfA ? change : { puts: others }));
        was.push(isOfA ? value : (was.at(-1) ?? null));
      }
      for (let revision = 0; revision <= 61; revision++) {
        const outcome = await ask(engine, "room", { kind: "at", key: "a", revision });
        if (revision < 20) expect(outcome).toMatchObject({ kind: "refused", code: "not_found" });
        else if (revision === 61) expect(outcome).toMatchObject({ kind: "refused", code: "future_position" });
        else expect(expectKind(outcome, "entries").entries[0]?.value ?? null).toBe(was[revision]);
      }
    });

    test("an undo takes back all that was changed at a revision, in one commit of its own", async () => {
      const engine = make();
      await ask(engine, "room", commit({ puts: ["a", "b"].map((key) => ({ key, value: "old" })) }));
      await ask(engine, "room", commit({ puts: ["a", "c"].map((key) => ({ key, value: "new" })), deletes: ["b"] }));
      expect(await ask(engine, "room", undo(2))).toMatchObject({ kind: "committed", revision: 3 });
      expect(await valuesOf(engine, "room", "a", "b", "c")).toEqual(["old", "old", null]);
      const { entries } = expectKind(await ask(engine, "room", { kind: "read", keys: ["a"] }), "entries");
      expect(entries).toMatchObject([{ updatedBy: "bob", revision: 3, version: 3 }]);
      // What undoes can be undone.
      expect(await ask(engine, "room", undo(3))).toMatchObject({ revision: 4 });
      expect(await valuesOf(engine, "room", "a", "b", "c")).toEqual(["new", null, "new"]);
    });

    test("is refused where one of the keys is not as it was left", async () => {
      const engine = make();
      await engine.run("room", [put("a", "1"), put("b", "1"), put("a", "2"), remove("b"), put("b", "2")]);
      expect(await ask(engine, "room", undo(1))).toMatchObject({ code: "conflict", conflict: { revision: 3 } });
      expect(await ask(engine, "room", undo(4))).toMatchObject({ code: "conflict", conflict: { revision: 5 } });
      expect(await valuesOf(engine, "room", "a", "b")).toEqual(["2", "2"]);
    });

    test("is refused where the log does not reach", async () => {
      const engine = make({ logRecords: 1 });
      await engine.run("room", [put("a", "1"), put("a", "2")]);
      expect(await ask(engine, "room", undo(1))).toMatchObject({ code: "not_found" });
      expect(await ask(engine, "room", undo(0))).toMatchObject({ code: "not_found" });
      expect(await ask(engine, "room", undo(3))).toMatchObject({ code: "future_position" });
    });

    test("is refused where it would commit more than a write could", async () => {
      const { engine, clock } = timed();
      const value = "x".repeat(1024 * 1024 - 1);
      const puts = (keys: string) => [...keys].map((key) => ({ key, value, ttlMs: 1_000 }));
      await engine.run("room", [commit({ puts: puts("abc") }), commit({ puts: puts("de") })]);
      clock.advance(1_000);
      expect(await ask(engine, "room", undo(3))).toMatchObject({ code: "too_large" });
    });

    test("a repeat of an undo is answered like the first", async () => {
      const engine = make();
      await engine.run("room", [put("a", "1"), put("a", "2")]);
      const id = { client: "c".repeat(22), counter: 1 };
      const first = await ask(engine, "room", { ...undo(2), id } as Operation);
      expect(await ask(engine, "room", { ...undo(2), id } as Operation)).toEqual(first);
      expect(await valuesOf(engine, "room", "a")).toEqual(["1"]);
    });
  });
}
