import { describe, expect, test } from "@jest/globals";
import type { Engine } from "../../server/engine/port.ts";
import { ask, commit, given, type MakeEngine, positionOf, put, remove, valuesOf } from "./kit.ts";

function quota(message: RegExp) {
  return { kind: "refused", code: "quota", message: expect.stringMatching(message) };
}

const kilobyte = (n: number) => put(`k${String(n).padStart(3, "0")}`, "x".repeat(996));

/** Puts texts of 1,000 bytes into the room until the server is full; answers how many fitted. */
async function fill(engine: Engine, room: string): Promise<number> {
  for (let n = 0; n < 1000; n++) {
    const outcome = await ask(engine, room, kilobyte(n));
    if (outcome.kind === "committed") continue;
    expect(outcome).toEqual(quota(/server is full/));
    return n;
  }
  throw new Error("The engine was never full.");
}

export function limitContract(make: MakeEngine): void {
  describe("limits", () => {
    test("roomKeys: so many keys and no more; those that exist can still be changed", async () => {
      const engine = make({ roomKeys: 2 });
      await engine.run("ann", [put("a", "1"), put("b", "1")]);
      expect(await ask(engine, "ann", put("c", "1"))).toEqual(quota(/ann .*more than 2 keys.*Delete/));
      expect(await engine.keyCounts(["ann"])).toEqual([2]);
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 2 });
      expect(await ask(engine, "ann", put("a", "longer"))).toMatchObject({ revision: 3 });
      expect(await ask(engine, "ann", put("c", "1", { deletes: ["a"] }))).toMatchObject({ revision: 4 });
      expect(await ask(engine, "ann", remove("b"))).toMatchObject({ revision: 5 });
      expect(await ask(engine, "ann", put("d", "1"))).toMatchObject({ revision: 6 });
      expect(await ask(engine, "bob", put("c", "1"))).toMatchObject({ revision: 1 });
    });

    test("roomBytes: counts the UTF-8 bytes of keys and values, up to the limit itself", async () => {
      const engine = make({ roomBytes: 10 });
      const tooMuch = quota(/ann .*more than 10 bytes.*Delete/);
      expect(await ask(engine, "ann", put("é", "€€aa"))).toMatchObject({ revision: 1 });
      expect(await ask(engine, "ann", put("b", ""))).toEqual(tooMuch);
      expect(await ask(engine, "ann", put("é", "€€aaa"))).toEqual(tooMuch);
      expect(await ask(engine, "ann", put("é", "€€bb"))).toMatchObject({ revision: 2 });
      expect(await ask(engine, "ann", put("é", "€€b"))).toMatchObject({ revision: 3 });
      expect(await ask(engine, "ann", put("b", ""))).toMatchObject({ revision: 4 });
      expect(await ask(engine, "ann", put("b", "1"))).toEqual(tooMuch);
      expect(await ask(engine, "ann", put("c", "12345678", { deletes: ["é"] }))).toMatchObject({ revision: 5 });
      expect(await ask(engine, "ann", remove("c"))).toMatchObject({ revision: 6 });
      expect(await ask(engine, "ann", put("c", "12345678"))).toMatchObject({ revision: 7 });
      expect(await ask(engine, "bob", put("b", "123456789"))).toMatchObject({ revision: 1 });
    });

    test("a commit is measured by what it leaves, not by what it brings", async () => {
      const engine = make({ roomKeys: 2, roomBytes: 10 });
      await engine.run("ann", [put("a", "1234"), put("b", "1234")]);
      const swap = { puts: ["c", "d"].map((key) => ({ key, value: "5678" })), deletes: ["a", "b"] };
      expect(await ask(engine, "ann", commit(swap))).toMatchObject({ revision: 3 });
      const grow = [
        { key: "c", value: "1234567" },
        { key: "d", value: "12" },
      ];
      expect(await ask(engine, "ann", commit({ puts: grow }))).toMatchObject({ kind: "refused", code: "quota" });
      expect(await ask(engine, "ann", commit({ puts: grow.toReversed().slice(0, 1) }))).toMatchObject({ revision: 4 });
    });

    test("a condition that does not hold is told before a limit is", async () => {
      const engine = make({ roomKeys: 0 });
      expect(await ask(engine, "ann", put("a", "1", given("a", 1)))).toMatchObject({ code: "conflict" });
      expect(await ask(engine, "ann", put("a", "1", given("a", 0)))).toMatchObject({ code: "quota" });
    });

    test("totalBytes: all rooms together; what is there can still be changed and deleted", async () => {
      const engine = make({ totalBytes: 100_000 });
      const fitted = (await fill(engine, "ann")) + (await fill(engine, "bob"));
      expect(fitted).toBeGreaterThan(10);
      expect(fitted).toBeLessThan(100);
      expect(await ask(engine, "eve", kilobyte(0))).toEqual(quota(/server is full/));
      expect(await ask(engine, "ann", put("k000", "y".repeat(996)))).toMatchObject({ kind: "committed" });
      expect(await ask(engine, "ann", put("k000", "y".repeat(11_000)))).toEqual(quota(/server is full/));
      expect(await ask(engine, "ann", remove("k000"))).toMatchObject({ kind: "committed" });
      expect(await valuesOf(engine, "ann", "k000")).toEqual([null]);
    });

    test("totalBytes: what was deleted makes room, in the same room and for as much", async () => {
      const engine = make({ totalBytes: 100_000 });
      await fill(engine, "ann");
      for (let round = 0; round < 50; round++) {
        expect(await ask(engine, "ann", remove("k000"))).toMatchObject({ kind: "committed" });
        expect(await ask(engine, "ann", kilobyte(0))).toMatchObject({ kind: "committed" });
      }
    });

    test("totalBytes: a room that is deleted gives all of its part back", async () => {
      const engine = make({ totalBytes: 100_000 });
      const fitted = await fill(engine, "ann");
      for (let round = 0; round < 3; round++) {
        await engine.deleteRoom("ann");
        expect(await fill(engine, "ann")).toBe(fitted);
      }
      expect(await ask(engine, "bob", kilobyte(0))).toEqual(quota(/server is full/));
    });
  });
}
