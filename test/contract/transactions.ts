import { describe, expect, test } from "@jest/globals";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Condition, Step, Transaction } from "../../server/engine/port.ts";
import { ask, commit, expectKind, type MakeEngine, positionOf, put, read, replay, status, valuesOf } from "./kit.ts";

const get = (key: string): Step => ({ kind: "get", key });
const set = (key: string, value: string): Step => ({ kind: "put", key, value });
const drop = (key: string): Step => ({ kind: "delete", key });

function transact(steps: readonly Step[], parts: Partial<Transaction> = {}): Transaction {
  return { kind: "transact", by: "ann", conditions: [], steps, otherwise: [], ...parts };
}

const id = (counter: number) => ({ client: "client-a", counter });
const got = (value: string | null, version = 1) => ({
  kind: "got",
  entry: value === null ? null : expect.objectContaining({ value, version }),
});

export function transactionContract(make: MakeEngine): void {
  describe("conditions of several kinds", () => {
    const a = { key: "a", equals: "1" };
    const cases: readonly (readonly [string, Condition, boolean])[] = [
      ["the value", a, true],
      ["another value", { key: "a", equals: "2" }, false],
      ["the value of no key", { key: "none", equals: "" }, false],
      ["an empty value", { key: "empty", equals: "" }, true],
      ["a revision", { key: "a", revision: 1 }, true],
      ["absence of what is there", { key: "a", revision: 0 }, false],
      ["absence", { key: "none", revision: 0 }, true],
    ];

    test.each(cases)("%s", async (_, condition, holds) => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("empty", "")]);
      const [outcome, choice] = await engine.run("ann", [
        put("b", "2", { conditions: [a, condition] }),
        transact([], { conditions: [a, condition] }),
      ]);
      expect(outcome?.kind).toBe(holds ? "committed" : "refused");
      expect(choice).toMatchObject({ succeeded: holds });
    });

    test("a refusal says which condition it was, and at what it found the key", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("a", "2")]);
      const right = { key: "a", revision: 2 };
      const outcomes = await engine.run("ann", [
        put("b", "1", { conditions: [right, { key: "a", revision: 1 }, { key: "none", equals: "x" }] }),
        put("b", "1", { conditions: [right, right, { key: "none", equals: "x" }] }),
        put("b", "1", { conditions: [{ key: "a", equals: "secret wish" }] }),
      ]);
      expect(outcomes).toMatchObject([
        { code: "conflict", conflict: { condition: 1, revision: 2, version: 2 } },
        { code: "conflict", conflict: { condition: 2, revision: 0, version: 0 } },
        { code: "conflict", conflict: { condition: 0, revision: 2, version: 2 } },
      ]);
      const { message } = expectKind(outcomes[2], "refused");
      expect(message).toMatch(/"a" must have the named value, but it has another, at revision 2\./);
      expect(message).not.toContain("secret");
    });
  });

  describe("a transaction", () => {
    test("runs the one list or the other, in one commit, and says which", async () => {
      const engine = make();
      await engine.run("ann", [put("from", "10"), put("to", "0")]);
      const start = await positionOf(engine, "ann");
      const move = transact([set("from", "9"), set("to", "1"), drop("none")], {
        conditions: [{ key: "from", equals: "10" }],
        otherwise: [get("from"), get("to"), drop("to")],
      });
      expect(await ask(engine, "ann", move)).toEqual({
        kind: "transacted",
        succeeded: true,
        revision: 3,
        results: [
          { kind: "put", version: 2 },
          { kind: "put", version: 2 },
          { kind: "deleted", existed: false },
        ],
      });
      expect(await ask(engine, "ann", move)).toEqual({
        kind: "transacted",
        succeeded: false,
        revision: 4,
        results: [got("9", 2), got("1", 2), { kind: "deleted", existed: true }],
      });
      const { records } = expectKind(await ask(engine, "ann", replay(start)), "replayed");
      expect(records).toMatchObject([
        { revision: 3, puts: [{ key: "from", value: "9" }, { key: "to" }], deletes: [], replaced: [{}, {}] },
        { revision: 4, puts: [], deletes: ["to"], replaced: [{ key: "to", value: "1" }] },
      ]);
    });

    test("a get sees what the steps before it have done, and no more", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "old"), put("b", "old")]);
      const steps = [get("a"), set("a", "new"), get("a"), drop("b"), get("b"), get("c"), set("c", "new"), get("c")];
      const { results, revision } = expectKind(await ask(engine, "ann", transact(steps)), "transacted");
      expect(results).toEqual([
        got("old"),
        { kind: "put", version: 2 },
        got("new", 2),
        { kind: "deleted", existed: true },
        got(null),
        got(null),
        { kind: "put", version: 1 },
        got("new"),
      ]);
      expect(results?.[2]).toMatchObject({ entry: { revision, updatedBy: "ann" } });
      expect(await valuesOf(engine, "ann", "a", "b", "c")).toEqual(["new", null, "new"]);
    });

    test("that changes nothing has no revision", async () => {
      const engine = make();
      await ask(engine, "ann", put("a", "1"));
      const position = await positionOf(engine, "ann");
      for (const steps of [[], [get("a")], [drop("none")]]) {
        expect(await ask(engine, "ann", transact(steps))).toMatchObject({ succeeded: true, revision: null });
      }
      expect(await positionOf(engine, "ann")).toEqual(position);
    });

    test("is refused whole by a limit, of the list that is run", async () => {
      const engine = make({ roomKeys: 2 });
      await ask(engine, "ann", put("a", "1"));
      const grow = [set("a", "2"), set("b", "2"), set("c", "2")];
      expect(await ask(engine, "ann", transact(grow))).toMatchObject({ kind: "refused", code: "quota" });
      expect(await valuesOf(engine, "ann", "a", "b", "c")).toEqual(["1", null, null]);
      const never = transact(grow, { conditions: [{ key: "a", revision: 9 }], otherwise: [set("b", "2")] });
      expect(await ask(engine, "ann", never)).toMatchObject({ succeeded: false, revision: 2 });
    });

    test("is refused whole where what it gets is more than a page, but for one entry", async () => {
      const engine = make();
      const half = "v".repeat(FIXED_LIMITS.pageBytes / 2);
      await engine.run("ann", [put("a", half), put("b", half), put("big", "v".repeat(FIXED_LIMITS.valueBytes))]);
      const refused = { kind: "refused", code: "too_large", message: expect.stringMatching(/fewer keys/) };
      expect(await ask(engine, "ann", transact([get("a"), get("b"), set("c", "1")]))).toEqual(refused);
      expect(await ask(engine, "ann", transact([get("a"), drop("b"), get("big")]))).toEqual(refused);
      expect(await valuesOf(engine, "ann", "c")).toEqual([null]);
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 3 });
      expect(await ask(engine, "ann", transact([get("big"), set("c", "1")]))).toMatchObject({ revision: 4 });
      expect(await ask(engine, "ann", transact([get("a"), drop("b"), get("b")]))).toMatchObject({ revision: 5 });
      expect(await ask(engine, "ann", read("a", "big"))).toEqual(refused);
      expect(await ask(engine, "ann", read("big", "none"))).toMatchObject({ entries: [{ key: "big" }, null] });
    });

    test("that is repeated is run once and answered without results, whichever list it ran", async () => {
      const engine = make();
      const swap = transact([set("a", "1"), get("a")], {
        id: id(1),
        conditions: [{ key: "a", revision: 0 }],
        otherwise: [set("a", "no")],
      });
      const failed = { ...swap, id: id(2) };
      expect(await ask(engine, "ann", swap)).toMatchObject({ succeeded: true, revision: 1, results: [{}, {}] });
      expect(await ask(engine, "ann", failed)).toMatchObject({ succeeded: false, revision: 2, results: [{}] });
      const again = { kind: "transacted", succeeded: true, revision: 1, results: null };
      expect(await engine.run("ann", [swap, failed])).toEqual([again, { ...again, succeeded: false, revision: 2 }]);
      expect(await ask(engine, "ann", status(id(2)))).toMatchObject({ status: { state: "committed", revision: 2 } });
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 2 });
    });

    test("and a commit cannot have one id: the later is refused and not run", async () => {
      const engine = make();
      const transaction = transact([set("a", "1")], { id: id(1) });
      await engine.run("ann", [transaction, put("a", "1", { id: id(2) })]);
      const refused = { kind: "refused", code: "invalid", message: expect.stringMatching(/id of its own/) };
      expect(await ask(engine, "ann", commit({ puts: [{ key: "a", value: "2" }], id: id(1) }))).toEqual(refused);
      expect(await ask(engine, "ann", { ...transaction, id: id(2) })).toEqual(refused);
      expect(await valuesOf(engine, "ann", "a")).toEqual(["1"]);
    });
  });
}
