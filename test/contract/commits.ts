import { describe, expect, test } from "@jest/globals";
import { ask, commit, expectKind, given, type MakeEngine, positionOf, put, read, remove, valuesOf } from "./kit.ts";

const HOSTILE_KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "role", "0", " ", "\0"];

export function commitContract(make: MakeEngine): void {
  describe("revisions and versions", () => {
    test("an empty room is at revision 0 and has nothing", async () => {
      const engine = make();
      expect(await ask(engine, "ann", read("a"))).toEqual({ kind: "entries", entries: [null], revision: 0 });
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 0 });
      expect(await engine.keyCounts(["ann", "nobody"])).toEqual([0, 0]);
    });

    test("revisions begin at 1, rise by one for each commit, and belong to the room", async () => {
      const engine = make();
      const outcomes = await engine.run("ann", [put("a", "1"), put("b", "2"), put("a", "3"), remove("b")]);
      expect(outcomes).toEqual([
        { kind: "committed", revision: 1, version: 1 },
        { kind: "committed", revision: 2, version: 1 },
        { kind: "committed", revision: 3, version: 2 },
        { kind: "committed", revision: 4, version: 0 },
      ]);
      expect(await ask(engine, "bob", put("a", "1"))).toMatchObject({ revision: 1, version: 1 });
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 4 });
    });

    test("an entry tells its last change; its version is 1 at creation and again after a delete", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("a", "2"), put("b", "1")]);
      const before = expectKind(await ask(engine, "ann", read("a")), "entries");
      expect(before.entries).toMatchObject([{ key: "a", value: "2", revision: 2, version: 2, updatedBy: "ann" }]);
      await engine.run("ann", [remove("a"), put("a", "3", { by: "bob" })]);
      const after = expectKind(await ask(engine, "ann", read("a")), "entries");
      expect(after).toMatchObject({
        entries: [{ value: "3", revision: 5, version: 1, updatedBy: "bob" }],
        revision: 5,
      });
      expect(after.entries[0]?.updatedAt).toBeGreaterThan(0);
    });

    test("deleting nothing commits nothing", async () => {
      const engine = make();
      await ask(engine, "ann", put("a", "1"));
      const position = await positionOf(engine, "ann");
      const nothing = { kind: "committed", revision: null, version: 0 };
      expect(await engine.run("ann", [remove("b"), commit({}), commit({ deletes: ["x", "y"] })])).toEqual([
        nothing,
        nothing,
        nothing,
      ]);
      expect(await positionOf(engine, "ann")).toEqual(position);
    });
  });

  describe("a commit of several keys", () => {
    test("has one revision, and each key its own version", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("c", "1")]);
      const puts = [
        { key: "b", value: "2" },
        { key: "a", value: "2" },
      ];
      const outcome = await ask(engine, "ann", commit({ puts, deletes: ["c", "gone"] }));
      expect(outcome).toEqual({ kind: "committed", revision: 3, version: 1 });
      const { entries } = expectKind(await ask(engine, "ann", read("a", "b", "c")), "entries");
      expect(entries).toMatchObject([{ value: "2", revision: 3, version: 2 }, { revision: 3, version: 1 }, null]);
      expect(await engine.keyCounts(["ann"])).toEqual([2]);
    });

    test("changes nothing when one condition of several does not hold", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("b", "1")]);
      const conditions = [
        { key: "a", revision: 1 },
        { key: "b", revision: 1 },
      ];
      const refused = await ask(engine, "ann", put("c", "2", { deletes: ["a"], conditions }));
      expect(refused).toMatchObject({ kind: "refused", code: "conflict" });
      expect(await valuesOf(engine, "ann", "a", "b", "c")).toEqual(["1", "1", null]);
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 2 });
    });

    test("is refused whole by a limit that one of its keys breaks", async () => {
      const engine = make({ roomKeys: 2 });
      await ask(engine, "ann", put("a", "1"));
      const puts = ["a", "b", "c"].map((key) => ({ key, value: "2" }));
      expect(await ask(engine, "ann", commit({ puts }))).toMatchObject({ kind: "refused", code: "quota" });
      expect(await valuesOf(engine, "ann", "a", "b", "c")).toEqual(["1", null, null]);
    });
  });

  describe("conditions", () => {
    test("hold at the entry's revision and at no other", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("b", "1"), put("a", "2")]);
      for (const revision of [0, 1, 2, 4]) {
        expect(await ask(engine, "ann", put("a", "no", given("a", revision)))).toMatchObject({ code: "conflict" });
        expect(await ask(engine, "ann", remove("a", given("a", revision)))).toMatchObject({ code: "conflict" });
      }
      expect(await valuesOf(engine, "ann", "a")).toEqual(["2"]);
      expect(await ask(engine, "ann", put("a", "3", given("a", 3)))).toMatchObject({ revision: 4, version: 3 });
      expect(await ask(engine, "ann", remove("a", given("a", 4)))).toMatchObject({ revision: 5 });
    });

    test("0 means that the key must not exist, also after it was deleted", async () => {
      const engine = make();
      expect(await ask(engine, "ann", put("a", "1", given("a", 0)))).toMatchObject({ revision: 1 });
      expect(await ask(engine, "ann", put("a", "2", given("a", 0)))).toMatchObject({ code: "conflict" });
      await ask(engine, "ann", remove("a"));
      expect(await ask(engine, "ann", put("a", "3", given("a", 1)))).toMatchObject({ code: "conflict" });
      expect(await ask(engine, "ann", put("a", "3", given("a", 0)))).toMatchObject({ revision: 3, version: 1 });
    });

    test("may name keys that the commit does not touch", async () => {
      const engine = make();
      await ask(engine, "ann", put("guard", "1"));
      expect(await ask(engine, "ann", put("a", "1", given("guard", 1)))).toMatchObject({ revision: 2 });
      expect(await ask(engine, "ann", put("a", "2", given("guard", 2)))).toMatchObject({ code: "conflict" });
    });

    test("are checked also where there is nothing to delete", async () => {
      const engine = make();
      expect(await ask(engine, "ann", remove("a", given("a", 7)))).toMatchObject({ code: "conflict" });
      expect(await ask(engine, "ann", remove("a", given("a", 0)))).toMatchObject({ revision: null });
    });

    test("a refusal says which key, what was asked and what was found", async () => {
      const engine = make();
      await ask(engine, "ann", put("city", "Kolkata"));
      const messages = await engine.run("ann", [
        put("city", "x", given("city", 0)),
        put("city", "x", given("city", 9)),
        put("town", "x", given("town", 9)),
      ]);
      expect(messages.map((outcome) => expectKind(outcome, "refused").message)).toEqual([
        expect.stringMatching(/"city" must not exist.*is at revision 1\b/),
        expect.stringMatching(/"city" must be at revision 9.*is at revision 1\b/),
        expect.stringMatching(/"town" must be at revision 9.*does not exist/),
      ]);
    });
  });

  describe("batches", () => {
    test("run in order, each operation seeing those before it; a refused one does not stop the rest", async () => {
      const engine = make();
      const outcomes = await engine.run("ann", [
        read("a"),
        put("a", "1"),
        put("a", "no", given("a", 0)),
        read("a"),
        remove("a", given("a", 1)),
        read("a"),
      ]);
      expect(outcomes).toMatchObject([
        { entries: [null], revision: 0 },
        { revision: 1 },
        { code: "conflict" },
        { entries: [{ value: "1" }], revision: 1 },
        { revision: 2 },
        { entries: [null], revision: 2 },
      ]);
    });

    test("of one room are applied in the order of the calls, also when nobody waits between them", async () => {
      const engine = make();
      const calls = Array.from({ length: 40 }, (_, i) => ask(engine, "ann", put("n", String(i))));
      const revisions = (await Promise.all(calls)).map((outcome) => expectKind(outcome, "committed").revision);
      expect(revisions).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      expect(await valuesOf(engine, "ann", "n")).toEqual(["39"]);
    });

    test("issued at once under one condition: exactly the first commits", async () => {
      const engine = make();
      const calls = Array.from({ length: 20 }, (_, i) => ask(engine, "ann", put("n", String(i), given("n", 0))));
      const kinds = (await Promise.all(calls)).map(({ kind }) => kind);
      expect(kinds).toEqual(["committed", ...Array<string>(19).fill("refused")]);
      expect(await valuesOf(engine, "ann", "n")).toEqual(["0"]);
    });

    test("an empty one has no outcomes", async () => {
      expect(await make().run("ann", [])).toEqual([]);
    });
  });

  test("a read answers in the order asked, repeats included, at one revision", async () => {
    const engine = make();
    await engine.run("ann", [put("a", "1"), put("b", "2")]);
    expect(await valuesOf(engine, "ann", "b", "none", "a", "b")).toEqual(["2", null, "1", "2"]);
    expect(await ask(engine, "ann", read())).toEqual({ kind: "entries", entries: [], revision: 2 });
  });

  test("what was read stays as it was when the room goes on", async () => {
    const engine = make();
    await ask(engine, "ann", put("a", "1"));
    const { entries } = expectKind(await ask(engine, "ann", read("a")), "entries");
    await ask(engine, "ann", put("a", "2"));
    expect(entries).toMatchObject([{ value: "1", revision: 1, version: 1 }]);
  });

  test.each(HOSTILE_KEYS)("%j is an ordinary key, and an ordinary room", async (name) => {
    const engine = make();
    expect(await valuesOf(engine, name, name)).toEqual([null]);
    expect(await engine.keyCounts([name])).toEqual([0]);
    expect(await ask(engine, name, put(name, name, given(name, 0)))).toMatchObject({ revision: 1, version: 1 });
    expect(await valuesOf(engine, name, ...HOSTILE_KEYS)).toEqual(HOSTILE_KEYS.map((k) => (k === name ? name : null)));
    expect(await ask(engine, name, put(name, "", given(name, 1)))).toMatchObject({ revision: 2, version: 2 });
    expect(await engine.keyCounts([name])).toEqual([1]);
    expect(await ask(engine, name, remove(name))).toMatchObject({ revision: 3 });
    expect(await engine.keyCounts([name, "ann"])).toEqual([0, 0]);
  });
}
