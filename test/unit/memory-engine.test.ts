import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../protocol/fields.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { ask, commit, expectKind, positionOf, put, read, remove, replay, status } from "../contract/kit.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** What an entry or a record costs beside its texts. */
const OVERHEAD = 256;
/** A put of a new key `k` with an empty value: the entry, and the record that holds it once more. */
const FIRST_PUT = 1 + OVERHEAD + (OVERHEAD + 1 + OVERHEAD);

test("says that what it keeps is lost with the process", () => {
  expect(new MemoryEngine().durability).toBe("memory");
});

test("takes the time of a commit from the clock it was given", async () => {
  const clock = new ManualClock(1000);
  const engine = new MemoryEngine({}, clock);
  const start = await positionOf(engine, "ann");
  await ask(engine, "ann", put("a", "1"));
  clock.advance(5);
  await ask(engine, "ann", put("b", "1"));
  const { entries } = expectKind(await ask(engine, "ann", read("a", "b")), "entries");
  expect(entries.map((entry) => entry?.updatedAt)).toEqual([1000, 1005]);
  const { records } = expectKind(await ask(engine, "ann", replay(start)), "replayed");
  expect(records.map(({ at }) => at)).toEqual([1000, 1005]);
});

test("without a clock that is the wall time", async () => {
  const engine = new MemoryEngine();
  const before = Date.now();
  await ask(engine, "ann", put("a", "1"));
  const { entries } = expectKind(await ask(engine, "ann", read("a")), "entries");
  expect(entries[0]?.updatedAt).toBeGreaterThanOrEqual(before);
  expect(entries[0]?.updatedAt).toBeLessThanOrEqual(Date.now());
});

test("a batch is applied within the call: nothing that is called later can come before", async () => {
  const engine = new MemoryEngine();
  const written = engine.run("ann", [put("a", "1")]);
  expect(await engine.keyCounts(["ann"])).toEqual([1]);
  await written;
});

describe("an operation id's window", () => {
  const id = (counter: number) => ({ client: "c", counter });

  test("holds 4,096 outcomes and a few more; then those that came first go, and all numbers up to them", async () => {
    const engine = new MemoryEngine();
    const order = [2, 1, ...Array.from({ length: 4096 + 253 }, (_, i) => i + 10)];
    await engine.run(
      "ann",
      order.map((counter) => remove("none", { id: id(counter) })),
    );
    const state = async (counter: number) => {
      const outcome = await ask(engine, "ann", put("n", "1", { id: id(counter) }));
      return outcome.kind === "refused" ? outcome.code : expectKind(outcome, "committed").revision;
    };
    expect([await state(2), await state(1)]).toEqual([null, null]);
    expect(await state(5000)).toBe(1);
    expect([await state(1), await state(2), await state(3)]).toEqual(Array(3).fill("unknown_outcome"));
    expect([await state(10), await state(10 + 253)]).toEqual(["unknown_outcome", "unknown_outcome"]);
    expect(await state(10 + 254)).toBeNull();
  });

  test("a number that was passed over stays unknown after higher ones were pushed out", async () => {
    const engine = new MemoryEngine();
    const order = [600, 50, ...Array.from({ length: 254 + 4096 }, (_, i) => (i < 254 ? i + 200 : i + 700))];
    await engine.run(
      "ann",
      order.map((counter) => remove("none", { id: id(counter) })),
    );
    for (const counter of [1, 50, 300, 599, 600]) {
      expect(await ask(engine, "ann", status(id(counter)))).toMatchObject({ status: { state: "unknown" } });
    }
    expect(await ask(engine, "ann", status(id(601)))).toMatchObject({ status: { state: "never" } });
  });
});

describe("the total", () => {
  test("counts an entry and its record, each with what they cost beside their texts, up to the limit itself", async () => {
    const fits = new MemoryEngine({ totalBytes: 1 + OVERHEAD });
    expect(await ask(fits, "ann", put("k", ""))).toMatchObject({ revision: 1 });
    const tooSmall = new MemoryEngine({ totalBytes: OVERHEAD });
    expect(await ask(tooSmall, "ann", put("k", ""))).toMatchObject({ code: "quota" });
  });

  test("counts each key of a commit", async () => {
    const puts = ["k", "l", "m"].map((key) => ({ key, value: "" }));
    const exact = 3 * (1 + OVERHEAD);
    expect(await ask(new MemoryEngine({ totalBytes: exact }), "ann", commit({ puts }))).toMatchObject({ revision: 1 });
    expect(await ask(new MemoryEngine({ totalBytes: exact - 1 }), "ann", commit({ puts }))).toMatchObject({
      code: "quota",
    });
  });

  test("is for entries: the logs of all rooms give way to them", async () => {
    const engine = new MemoryEngine({ totalBytes: FIRST_PUT + 1 + OVERHEAD });
    const start = await positionOf(engine, "ann");
    await ask(engine, "ann", put("k", ""));
    expect(await ask(engine, "ann", replay(start))).toMatchObject({ kind: "replayed" });
    expect(await ask(engine, "bob", put("k", ""))).toMatchObject({ revision: 1 });
    expect(await ask(engine, "bob", put("l", ""))).toMatchObject({ revision: 2 });
    expect(await ask(engine, "ann", replay(start))).toEqual({ kind: "gap" });
    // Three entries fit, a fourth does not.
    expect(await ask(engine, "ann", put("l", ""))).toMatchObject({ code: "quota" });
    expect(await ask(engine, "bob", remove("l"))).toMatchObject({ revision: 3 });
    expect(await ask(engine, "ann", put("l", ""))).toMatchObject({ revision: 2 });
  });

  test("holds against overwriting too: the log is cut short, and watchers are told of a gap", async () => {
    const value = "x".repeat(1000);
    const replays = async (totalBytes: number) => {
      const engine = new MemoryEngine({ totalBytes });
      const positions: Position[] = [];
      for (let n = 0; n < 20; n++) {
        expect(await ask(engine, "ann", put("k", value))).toMatchObject({ kind: "committed" });
        positions.push(await positionOf(engine, "ann"));
      }
      const outcomes = await Promise.all(positions.map((from) => ask(engine, "ann", replay(from))));
      return outcomes.filter(({ kind }) => kind === "replayed").length;
    };
    const [entry, record] = [1001 + OVERHEAD, OVERHEAD + 2 * (1001 + OVERHEAD)];
    expect(await replays(entry + 5 * record)).toBe(6);
    expect(await replays(entry + 5 * record - 1)).toBe(5);
    expect(await replays(entry)).toBe(1);
    expect(await replays(entry + 100 * record)).toBe(20);
  });
});

test("a log's bytes count puts, what they replaced, and deleted keys", async () => {
  const start = async (logBytes: number) => {
    const engine = new MemoryEngine({ logBytes });
    const position = await positionOf(engine, "ann");
    return { engine, position };
  };
  const [first, deletion] = [OVERHEAD + 2 + OVERHEAD, OVERHEAD + 1 + (2 + OVERHEAD)];
  for (const [bytes, kind] of [
    [first + deletion, "replayed"],
    [first + deletion - 1, "gap"],
  ] as const) {
    const { engine, position } = await start(bytes);
    await engine.run("ann", [put("k", "v"), remove("k")]);
    expect(await ask(engine, "ann", replay(position))).toMatchObject({ kind });
  }
});

test("the past of all rooms gives way before anybody is refused", async () => {
  const engine = new MemoryEngine({ totalBytes: 100_000 });
  const value = "v".repeat(1_000);
  // Live data of some 13 kB, and a past of ten times that.
  for (const room of ["ann", "bob", "cleo"]) {
    for (let i = 0; i < 20; i++) await ask(engine, room, put("k", value));
  }
  for (let i = 0; i < 70; i++) {
    expect(await ask(engine, "dora", put(`k${i}`, value))).toMatchObject({ kind: "committed" });
  }
  expect(await ask(engine, "ann", read("k"))).toMatchObject({ entries: [{ value }] });
  // Entries are never given up: when they alone fill the server, a write is refused.
  const answers = [];
  for (let i = 0; i < 20; i++) answers.push(await ask(engine, "ann", put(`more ${i}`, value)));
  expect(answers.at(-1)).toMatchObject({ code: "quota" });
  expect(await ask(engine, "dora", remove("k0"))).toMatchObject({ kind: "committed" });
  expect(await ask(engine, "ann", put("more", "small"))).toMatchObject({ kind: "committed" });
});
