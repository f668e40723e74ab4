import { describe, expect, jest, test } from "@jest/globals";
import type { WatchEvent } from "../../client/sdk/replica.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { refusalOf } from "../support/refusal.ts";
import { at, CLOSED, change, entry, live, liveOfAll, revisionsOf, setUp, take } from "../support/sdk-watches.ts";

test("states come in order, each with its reason; a gap is visible until the difference is told", () => {
  const { last, open, watches } = setUp();
  const watch = open();
  const seen: unknown[] = [];
  watch.on("state", (state, why) => void seen.push([state, why === ""]));
  watch.on("event", ({ kind }) => void seen.push([kind, watch.state]));
  last().answer({ watch: "w", position: at(1), snapshot: [] });
  watches.disconnected();
  watches.connected();
  last().answer({ watch: "w", position: at(9), snapshot: [entry("a", 9)], gap: true, more: true });
  watches.started({ watch: "w", room: "ann", position: at(9), snapshot: [entry("b", 9)], gap: true });
  watch.close();
  expect(seen).toEqual([
    ["snapshot", "connecting"],
    ["live", true],
    ["resuming", false],
    ["gap", false],
    ["gap", "gap"],
    ["live", true],
    ["closed", true],
  ]);
});

describe("the position", () => {
  test("is behind what was handed out, also while a listener is told the first of several changes", () => {
    const { push, watch } = live();
    const during: unknown[] = [];
    watch.on("event", () => void during.push(watch.position));
    push(4, change(2), change(3));
    expect(during).toEqual([at(2), at(3)]);
    expect(watch.position).toEqual(at(4));
  });

  test("is not behind what waits for whoever iterates", async () => {
    const { last, open, push, watches } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    push(3, change(2), change(3));
    push(9);
    expect(watch.position).toBeNull();
    const events = watch[Symbol.asyncIterator]();
    const positions: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await events.next();
      positions.push(watch.position);
    }
    expect(positions).toEqual([at(1), at(2), at(3)]);
    push(10);
    expect(watch.position).toEqual(at(10));
    // What is asked for after a cut is what was not told yet.
    push(12, change(11), change(12));
    watches.connected();
    expect(last().payload).toEqual({ room: "ann", from: at(12) });
    expect(watch.position).toEqual(at(10));
  });

  test("that was saved is where a new watch stands before its first word", () => {
    const { open } = setUp(false);
    expect(open({ from: at(7) }).position).toEqual(at(7));
    expect(open({ from: { bob: at(7) } }, "*").position).toEqual({ bob: at(7) });
    expect(open({}, "*").position).toEqual({});
    expect(open().position).toBeNull();
  });

  test("of all rooms is one for each, and goes with the room", () => {
    const { last, open, watches } = setUp();
    const watch = open({ from: { bob: at(3), cleo: at(4) } }, "*");
    watch.on("event", () => undefined);
    last().answer({ watch: "w" });
    expect(watch.state).toBe("live");
    watches.started({ watch: "w", room: "ann", position: at(1), snapshot: [] });
    watches.started({ watch: "w", room: "bob", position: at(5), changes: [change(4)] });
    watches.ended({ watch: "w", room: "cleo", reason: "Gone." });
    expect(watch.position).toEqual({ ann: at(1), bob: at(5) });
    watches.connected();
    expect(last().payload).toEqual({ room: "*", from: { ann: at(1), bob: at(5) } });
    expect(watch.state).toBe("live");
  });
});

describe("whoever iterates", () => {
  test("gets everything from the beginning, in order, then the plain end", async () => {
    const { last, open, push } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    push(2, change(2));
    const events = watch[Symbol.asyncIterator]();
    expect(revisionsOf(await take(events, 2))).toEqual([1, 2]);
    const next = events.next();
    push(3, change(3));
    expect((await next).value).toMatchObject({ position: at(3) });
    push(4, change(4));
    watch.close();
    expect(revisionsOf(await take(events, 1))).toEqual([4]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("and stops ends the watch", async () => {
    const { last, open, sent } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    const loop = async (): Promise<void> => {
      for await (const _event of watch) throw new Error("consumer");
    };
    await expect(loop()).rejects.toThrow("consumer");
    expect(watch.state).toBe("closed");
    expect(sent.at(-1)).toMatchObject({ name: "unwatch", payload: { watch: "w" } });
  });

  test("of a forbidden watch gets the refusal", async () => {
    const { last, open } = setUp();
    const watch = open({}, "bob");
    last().refuse("forbidden");
    expect(await rejectionOf(take(watch[Symbol.asyncIterator](), 1))).toMatchObject({ code: "forbidden" });
    expect(watch.state).toBe("closed");
  });

  test("of a watch that is refused later gets what came before, then the refusal", async () => {
    const { last, open, watches } = setUp();
    const watch = open({}, "bob");
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    watches.connected();
    last().refuse("forbidden");
    const events = watch[Symbol.asyncIterator]();
    expect(await take(events, 1)).toHaveLength(1);
    expect(await rejectionOf(events.next())).toMatchObject({ code: "forbidden" });
  });

  test("gets the end of the room as the last event", async () => {
    const { last, open, watches } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    watches.ended({ watch: "w", room: "ann", reason: "Gone." });
    const events = watch[Symbol.asyncIterator]();
    expect((await take(events, 2))[1]).toEqual({ kind: "end", room: "ann", reason: "Gone." });
    expect((await events.next()).done).toBe(true);
    expect(watch.position).toBeNull();
  });

  test("of a store that is closed gets its reason", async () => {
    const { open, watches } = setUp();
    const watch = open();
    watches.closed(CLOSED);
    expect(await rejectionOf(take(watch[Symbol.asyncIterator](), 1))).toBe(CLOSED);
  });

  test("slowly pauses the watch, which goes on from the server's log without loss when all is taken", async () => {
    const { last, open, push, sent } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(0), snapshot: [] });
    const MANY = 10_000;
    for (let revision = 1; revision <= MANY; revision++) push(revision, change(revision));
    expect(last()).toMatchObject({ name: "unwatch", payload: { watch: "w" } });
    // What is under way when it pauses is not taken: the log has it.
    push(MANY + 1, change(MANY + 1));
    const events = watch[Symbol.asyncIterator]();
    await take(events, MANY);
    expect(sent).toHaveLength(2);
    await take(events, 1);
    expect(last()).toMatchObject({ name: "watch", payload: { room: "ann", from: at(MANY) } });
    expect(watch.state).toBe("resuming");
    last().answer({ watch: "w", position: at(MANY + 2), changes: [change(MANY + 1), change(MANY + 2)] });
    expect(revisionsOf(await take(events, 2))).toEqual([MANY + 1, MANY + 2]);
    expect(watch.state).toBe("live");
  });

  test("slowly pauses it, too, when few events hold much; one alone may", async () => {
    const { last, open, push, sent } = setUp();
    const watch = open();
    const mebibyte = "x".repeat(2 ** 20);
    last().answer({ watch: "w", position: at(0), snapshot: [entry("a", 1, mebibyte.repeat(17))] });
    expect(last()).toMatchObject({ name: "unwatch" });
    const events = watch[Symbol.asyncIterator]();
    await take(events, 1);
    expect(last()).toMatchObject({ name: "watch", payload: { from: at(0) } });
    last().answer({ watch: "w", position: at(1), changes: [] });
    for (let revision = 2; revision <= 17; revision++) push(revision, change(revision, "a", mebibyte.slice(1)));
    expect(sent).toHaveLength(3);
    push(18, { ...change(18), puts: [], deletes: ["k"] });
    expect(last()).toMatchObject({ name: "unwatch" });
    expect(revisionsOf(await take(events, 17))).toHaveLength(17);
    expect(last()).toMatchObject({ name: "watch", payload: { from: at(18) } });
  });

  test("when all is taken by a listener, the watch goes on", async () => {
    const { last, open, watches } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(0), snapshot: [entry("a", 1, "x".repeat(2 ** 24))] });
    expect(last()).toMatchObject({ name: "unwatch" });
    watch.on("event", () => undefined);
    await Promise.resolve();
    expect(last()).toMatchObject({ name: "watch", payload: { from: at(0) } });
    watches.connected();
    last().answer({ watch: "w", position: at(0), changes: [] });
    expect(watch.state).toBe("live");
  });

  test("slowly is not asked for on a new connection before all is taken", async () => {
    const { last, open, push, sent, watches } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(0), snapshot: [] });
    for (let revision = 1; revision <= 10_000; revision++) push(revision, change(revision));
    watches.disconnected();
    watches.connected();
    expect(sent).toHaveLength(2);
    const events = watch[Symbol.asyncIterator]();
    watches.disconnected();
    await take(events, 10_001);
    expect(sent).toHaveLength(2);
    watches.connected();
    expect(last()).toMatchObject({ name: "watch", payload: { from: at(10_000) } });
  });
});

test("a listener that throws spoils nothing: the others, what follows and the order; its error is not swallowed", () => {
  const { push, watch } = live();
  const thrown: (() => void)[] = [];
  const spy = jest.spyOn(globalThis, "queueMicrotask").mockImplementation((run) => void thrown.push(run));
  const heard: number[] = [];
  watch.on("event", ({ kind }) => {
    throw new Error(`listener of ${kind}`);
  });
  watch.on("event", (event) => void heard.push(...revisionsOf([event])));
  push(3, change(2), change(3));
  spy.mockRestore();
  expect(heard).toEqual([2, 3]);
  expect(thrown).toHaveLength(2);
  expect(thrown[0]).toThrow("listener of change");
});

test("a listener that closes the watch hears nothing more, and a stopped one neither", () => {
  const { heard, push, watch } = live();
  const stopped: WatchEvent[] = [];
  watch.on("event", (event) => void stopped.push(event))();
  watch.on("event", () => watch.close());
  push(3, change(2), change(3));
  expect(revisionsOf(heard)).toEqual([1, 2]);
  expect(stopped).toEqual([]);
});

test("what came before the first listener is for it, in order, as soon as its program has gone on", async () => {
  const { last, open, push } = setUp();
  const watch = open();
  last().answer({ watch: "w", position: at(1), snapshot: [] });
  push(2, change(2));
  const heard: WatchEvent[] = [];
  watch.on("event", (event) => void heard.push(event));
  expect(heard).toEqual([]);
  push(3, change(3));
  expect(revisionsOf(heard)).toEqual([1, 2, 3]);
  const { last: lastOfOther, open: openOther } = setUp();
  const other = openOther();
  lastOfOther().answer({ watch: "w", position: at(1), snapshot: [] });
  watch.on("event", () => undefined);
  other.on("event", (event) => void heard.push(event));
  await Promise.resolve();
  expect([revisionsOf(heard), other.position]).toEqual([[1, 2, 3, 1], at(1)]);
});

test("two who iterate share the events, and both see the end", async () => {
  const { last, open, push } = setUp();
  const watch = open();
  const nexts = [0, 1, 2].map(() => watch[Symbol.asyncIterator]().next());
  last().answer({ watch: "w", position: at(1), snapshot: [] });
  push(2, change(2));
  watch.close();
  const done = await Promise.all(nexts);
  expect(done.map((one) => one.done)).toEqual([false, false, true]);
});

describe("the entries", () => {
  function held(entries: ReadonlyMap<string, { readonly value: string }>): Record<string, string> {
    return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
  }

  test("are as of what was handed out, in one map: not of what waits", async () => {
    const { last, open, push, watches } = setUp();
    const watch = open({ entries: true });
    const { entries } = watch;
    last().answer({ watch: "w", position: at(2), snapshot: [entry("a", 1), entry("b", 2)] });
    push(3, { ...change(3, "c"), deletes: ["b"] });
    const events = watch[Symbol.asyncIterator]();
    expect(held(entries)).toEqual({});
    await take(events, 1);
    expect(held(entries)).toEqual({ a: "1", b: "2" });
    await take(events, 1);
    expect(held(entries)).toEqual({ a: "1", c: "3" });
    watches.connected();
    last().answer({ watch: "w", position: at(9), snapshot: [entry("c", 3), entry("d", 8)], gap: true });
    await take(events, 1);
    expect(held(entries)).toEqual({ c: "3", d: "8" });
    expect(watch.rooms).toEqual(new Map([["ann", entries]]));
    watches.ended({ watch: "w", room: "ann", reason: "Gone." });
    await take(events, 1);
    expect([held(entries), watch.rooms.size, watch.entries]).toEqual([{}, 0, entries]);
  });

  test("are there for the listener that is told of them", () => {
    const { open, last, push } = setUp();
    const watch = open({ entries: true });
    const seen: unknown[] = [];
    watch.on("event", () => void seen.push(held(watch.entries)));
    last().answer({ watch: "w", position: at(0), snapshot: [] });
    push(2, change(1, "a"), change(2, "b"));
    expect(seen).toEqual([{}, { a: "1" }, { a: "1", b: "2" }]);
  });

  test("of all rooms are by room, of those that are there", () => {
    const { end, watch, watches } = liveOfAll({ entries: true });
    expect([...watch.rooms].map(([room, entries]) => [room, held(entries)])).toEqual([
      ["ann", { a: "1" }],
      ["bob", { a: "1" }],
    ]);
    watches.started({ watch: "w", room: "bob", position: at(5), snapshot: [entry("b", 5)] });
    expect(held(watch.rooms.get("bob") ?? new Map())).toEqual({ b: "5" });
    end("ann");
    expect([...watch.rooms.keys()]).toEqual(["bob"]);
    watches.started({ watch: "w", room: "ann", position: at(1, "f"), snapshot: [entry("new", 1)] });
    expect(held(watch.rooms.get("ann") ?? new Map())).toEqual({ new: "1" });
    expect(watch.entries.size).toBe(0);
  });

  test("are refused in words where the watch does not keep them, or could not know them all", () => {
    const { open } = setUp(false);
    const from = { from: at(1), entries: true } as object;
    for (const watch of [open(), open(from)]) {
      expect(refusalOf(() => watch.entries)).toMatchObject({ code: "invalid" });
      expect(refusalOf(() => watch.rooms).message).toMatch(/`entries: true`.*`from`/);
    }
  });
});
