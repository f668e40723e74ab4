import { describe, expect, test } from "@jest/globals";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { ask, expectKind, given, type MakeEngine, positionOf, put, remove, status, valuesOf } from "./kit.ts";

const WINDOW = FIXED_LIMITS.inFlight;
const id = (counter: number, client = "client-a") => ({ client, counter });

export function operationContract(make: MakeEngine): void {
  describe("operation ids", () => {
    test("a repeat is answered like the first and not run again", async () => {
      const engine = make();
      const first = await ask(engine, "ann", put("n", "1", { id: id(1) }));
      await ask(engine, "ann", put("n", "2"));
      expect(await ask(engine, "ann", put("n", "1", { id: id(1) }))).toEqual(first);
      expect(await valuesOf(engine, "ann", "n")).toEqual(["2"]);
      expect(await positionOf(engine, "ann")).toMatchObject({ revision: 2 });
    });

    test("a repeat in the same batch, or before the first is answered, runs once too", async () => {
      const engine = make();
      const write = put("n", "1", { id: id(1) });
      const answers = await Promise.all([engine.run("ann", [write, write]), engine.run("ann", [write])]);
      expect(answers.flat()).toEqual(Array(3).fill({ kind: "committed", revision: 1, version: 1 }));
    });

    test("a repeat of a delete, also of one that found nothing, gets the same answer", async () => {
      const engine = make();
      expect(await ask(engine, "ann", remove("a", { id: id(1) }))).toMatchObject({ revision: null });
      await ask(engine, "ann", put("a", "1"));
      expect(await ask(engine, "ann", remove("a", { id: id(1) }))).toMatchObject({ revision: null });
      expect(await valuesOf(engine, "ann", "a")).toEqual(["1"]);
      const deleted = await ask(engine, "ann", remove("a", { id: id(2) }));
      expect(deleted).toMatchObject({ revision: 2 });
      expect(await ask(engine, "ann", remove("a", { id: id(2) }))).toEqual(deleted);
    });

    test("a refusal is final too: a conflict stays one when its condition would hold by now", async () => {
      const engine = make();
      const write = put("n", "mine", { ...given("n", 1), id: id(1) });
      expect(await ask(engine, "ann", write)).toMatchObject({ kind: "refused", code: "conflict" });
      await ask(engine, "ann", put("n", "1"));
      const again = expectKind(await ask(engine, "ann", write), "refused");
      expect(again.code).toBe("conflict");
      expect(again.message).toMatch(/first/);
      expect(await valuesOf(engine, "ann", "n")).toEqual(["1"]);
    });

    test("a write that found no room stays refused when there is room by now", async () => {
      const engine = make({ roomKeys: 1 });
      await ask(engine, "ann", put("a", "1"));
      expect(await ask(engine, "ann", put("b", "1", { id: id(1) }))).toMatchObject({ code: "quota" });
      await ask(engine, "ann", remove("a"));
      expect(await ask(engine, "ann", put("b", "1", { id: id(1) }))).toMatchObject({ code: "quota" });
    });

    test("belong to their client: another's same number is another write", async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1", { id: id(1) }));
      expect(await ask(engine, "ann", put("n", "2", { id: id(1, "client-b") }))).toMatchObject({ revision: 2 });
      expect(await ask(engine, "ann", status(id(2)))).toMatchObject({ status: { state: "never" } });
      expect(await ask(engine, "ann", put("n", "3", { id: id(2, "client-b") }))).toMatchObject({ revision: 3 });
    });

    test("name one write in one room: the same id in another room is another write", async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1", { id: id(1) }));
      expect(await ask(engine, "bob", status(id(2)))).toMatchObject({ status: { state: "never" } });
      expect(await ask(engine, "bob", put("n", "1", { id: id(1) }))).toMatchObject({ kind: "committed", revision: 1 });
      expect(await ask(engine, "ann", put("n", "2", { id: id(2) }))).toMatchObject({ kind: "committed", revision: 2 });
      for (const room of ["ann", "bob"]) {
        expect(await ask(engine, room, status(id(1)))).toMatchObject({ status: { state: "committed", revision: 1 } });
        expect(await ask(engine, room, put("n", "again", { id: id(1) }))).toMatchObject({ revision: 1 });
        expect(await valuesOf(engine, room, "n")).toEqual([room === "ann" ? "2" : "1"]);
      }
    });

    test.each(["__proto__", "constructor"])("a client called %j is a client like others", async (client) => {
      const engine = make();
      expect(await ask(engine, "ann", put("n", "1", { id: id(1, client) }))).toMatchObject({ revision: 1 });
      expect(await ask(engine, "ann", put("n", "2", { id: id(1, client) }))).toMatchObject({ revision: 1 });
      expect(await ask(engine, "ann", put("n", "3", { id: id(1) }))).toMatchObject({ revision: 2 });
    });

    test("may arrive in any order", async () => {
      const engine = make();
      for (const [i, counter] of [5, 2, 9, 1].entries()) {
        expect(await ask(engine, "ann", put("n", "1", { id: id(counter) }))).toMatchObject({ revision: i + 1 });
      }
      expect(await ask(engine, "ann", put("n", "1", { id: id(2) }))).toMatchObject({ revision: 2 });
    });

    test("a repeat after its room was deleted does not write into the next one", async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1", { id: id(1) }));
      await engine.deleteRoom("ann");
      expect(await ask(engine, "ann", put("n", "1", { id: id(1) }))).toMatchObject({ revision: 1 });
      expect(await engine.keyCounts(["ann"])).toEqual([0]);
    });
  });

  describe("status", () => {
    test("tells a commit's revision, also null, and a refusal's code, as often as it is asked", async () => {
      const engine = make();
      await engine.run("ann", [
        put("n", "0"),
        put("n", "1", { id: id(1) }),
        remove("none", { id: id(2) }),
        put("n", "2", { ...given("n", 0), id: id(3) }),
      ]);
      for (let round = 0; round < 2; round++) {
        expect(await engine.run("ann", [status(id(1)), status(id(2)), status(id(3))])).toEqual([
          { kind: "status", status: { state: "committed", revision: 2 } },
          { kind: "status", status: { state: "committed", revision: null } },
          { kind: "status", status: { state: "refused", code: "conflict" } },
        ]);
      }
    });

    test("`never` is a promise: the write is refused should it still arrive, again and again", async () => {
      const engine = make();
      const never = { kind: "status", status: { state: "never" } };
      expect(await ask(engine, "ann", status(id(7)))).toEqual(never);
      for (let round = 0; round < 2; round++) {
        const late = expectKind(await ask(engine, "ann", put("n", "late", { id: id(7) })), "refused");
        expect(late.code).toBe("invalid");
        expect(late.message).toMatch(/never/);
        expect(await ask(engine, "ann", status(id(7)))).toEqual(never);
      }
      expect(await valuesOf(engine, "ann", "n")).toEqual([null]);
      expect(await ask(engine, "ann", put("n", "6", { id: id(6) }))).toMatchObject({ revision: 1 });
      expect(await ask(engine, "ann", put("n", "8", { id: id(8) }))).toMatchObject({ revision: 2 });
    });

    test("asked while the write is under way: what it says is what holds", async () => {
      const engine = make();
      const [first, told] = await Promise.all([
        ask(engine, "ann", put("n", "1", { id: id(1) })),
        ask(engine, "ann", status(id(1))),
      ]);
      expect([first, told]).toMatchObject([{ revision: 1 }, { status: { state: "committed", revision: 1 } }]);
    });
  });

  describe("the window of remembered outcomes", () => {
    const writes = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => remove("none", { id: id(from + i) }));

    test(`holds the last ${WINDOW} of a client`, async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1", { id: id(1) }));
      await engine.run("ann", writes(2, WINDOW));
      expect(await ask(engine, "ann", put("n", "1", { id: id(1) }))).toMatchObject({ kind: "committed", revision: 1 });
      expect(await ask(engine, "ann", status(id(1)))).toMatchObject({ status: { state: "committed" } });
    });

    test("what is long past is unknown: it is not run, and no answer is made up", async () => {
      const engine = make();
      await engine.run("ann", [put("n", "1", { id: id(1) }), ...writes(2, 4 * WINDOW)]);
      const late = expectKind(await ask(engine, "ann", put("n", "2", { id: id(1) })), "refused");
      expect(late.code).toBe("unknown_outcome");
      expect(late.message).toMatch(/may have run/);
      expect(await ask(engine, "ann", status(id(1)))).toEqual({ kind: "status", status: { state: "unknown" } });
      expect(await valuesOf(engine, "ann", "n")).toEqual(["1"]);
      expect(await ask(engine, "ann", put("n", "3", { id: id(4 * WINDOW + 1) }))).toMatchObject({ revision: 2 });
    });

    test("those that the client has settled are forgotten: they are not run again, and what comes later is", async () => {
      const engine = make();
      await engine.run("ann", [
        put("n", "1", { id: id(1) }),
        put("n", "2", { id: id(2) }),
        put("n", "3", { id: id(3) }),
      ]);
      await ask(engine, "bob", put("n", "1", { id: id(2) }));
      await engine.settle("client-a", 2);
      await engine.settle("stranger", 9);
      for (const room of ["ann", "bob"]) {
        expect(await ask(engine, room, put("n", "again", { id: id(2) }))).toMatchObject({ code: "unknown_outcome" });
      }
      expect(await ask(engine, "ann", status(id(1)))).toMatchObject({ status: { state: "unknown" } });
      expect(await ask(engine, "ann", put("n", "again", { id: id(3) }))).toMatchObject({ revision: 3 });
      expect(await ask(engine, "ann", put("n", "4", { id: id(4) }))).toMatchObject({ revision: 4 });
    });

    test.each([0, -0, -1, 2, WINDOW, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
      "whatever counter is settled, the operations that follow are run: %d",
      async (upTo) => {
        const engine = make();
        await engine.settle("client-a", upTo);
        await ask(engine, "ann", put("n", "1", { id: id(1) }));
        await engine.settle("client-a", upTo);
        expect(await ask(engine, "ann", put("n", "2", { id: id(2) }))).toMatchObject({ revision: 2 });
        const again = await ask(engine, "ann", put("n", "3", { id: id(1) }));
        expect(again).toMatchObject(upTo < 1 ? { revision: 1 } : { code: "unknown_outcome" });
      },
    );

    test("one client's many writes push out no other's", async () => {
      const engine = make();
      await ask(engine, "ann", put("n", "1", { id: id(1, "client-b") }));
      await engine.run("ann", writes(1, 4 * WINDOW));
      expect(await ask(engine, "ann", put("n", "2", { id: id(1, "client-b") }))).toMatchObject({ revision: 1 });
    });

    test("goes when the client is forgotten, and only that client's", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1", { id: id(1) }), put("b", "1", { id: id(1, "client-b") })]);
      await engine.forgetClient("client-a");
      await engine.forgetClient("stranger");
      expect(await ask(engine, "ann", status(id(1)))).not.toMatchObject({ status: { state: "committed" } });
      expect(await ask(engine, "ann", status(id(1, "client-b")))).toMatchObject({
        status: { state: "committed", revision: 2 },
      });
    });
  });
}
