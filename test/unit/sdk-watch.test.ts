import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { systemClock } from "../../client/sdk/clock.ts";
import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { Watch, WatchOptions } from "../../client/sdk/types.ts";
import { Watches } from "../../client/sdk/watches.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import type { Change, Entry, Position } from "../../protocol/fields.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { refusalOf } from "../support/refusal.ts";

const CLOSED = new KeyroomError("unavailable", "Closed.");

function at(revision: number, epoch = "e"): Position {
  return { epoch, revision, tag: revision };
}

function entry(key: string, revision: number): Entry {
  return { key, value: String(revision), revision, version: 1, updatedAt: 5, updatedBy: "ann" };
}

function change(revision: number, key = "a"): Change {
  return { revision, tag: revision, at: 5, by: "ann", puts: [entry(key, revision)], deletes: [] };
}

interface Sent {
  readonly name: string;
  readonly payload: unknown;
  readonly answer: (value: object) => void;
  readonly refuse: (code: string, retryable?: boolean) => void;
}

/** Watches whose server is the test. */
function setUp(isConnected = true) {
  const sent: Sent[] = [];
  const watches = new Watches((name, payload, answered) => {
    sent.push({
      name,
      payload,
      answer: (value) => answered({ ok: true, value }),
      refuse: (code, retryable = false) => answered({ ok: false, error: { code, message: "No.", retryable } }),
    });
  }, systemClock);
  if (isConnected) watches.connected();
  const open = (options: WatchOptions = {}, room = "ann"): Watch => watches.open(room, options);
  const push = (revision: number, ...changes: readonly Change[]): void =>
    watches.changed({ watch: "w", room: "ann", position: at(revision), changes: [...changes] });
  const last = (): Sent => sent.at(-1) as Sent;
  return { last, open, push, sent, watches };
}

/** A watch that is live at a snapshot of revision 1, its states, and what its listener heard. */
function live() {
  const rig = setUp();
  const watch = rig.open();
  const heard: WatchEvent[] = [];
  const states: string[] = [];
  watch.on("event", (event) => void heard.push(event));
  watch.on("state", (state) => void states.push(state));
  rig.last().answer({ watch: "w", position: at(1), snapshot: [entry("a", 1)] });
  return { ...rig, heard, states, watch };
}

async function take(events: AsyncIterator<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) throw new Error(`It ended after ${taken.length} events.`);
    taken.push(value);
  }
  return taken;
}

const revisionsOf = (events: readonly WatchEvent[]) =>
  events.map((event) => (event.kind === "end" ? 0 : event.position.revision));

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask"] }));
afterEach(() => void jest.useRealTimers());

describe("asks", () => {
  test("at once where there is a connection, and with the filter", () => {
    const { open, sent } = setUp();
    open({ key: "a" }, "bob");
    open({ prefix: "a", from: at(7) });
    expect(sent.map(({ name, payload }) => [name, payload])).toEqual([
      ["watch", { room: "bob", key: "a" }],
      ["watch", { room: "ann", prefix: "a", from: at(7) }],
    ]);
  });

  test("when there is one, where it was opened without", () => {
    const { open, sent, watches } = setUp(false);
    expect(open().state).toBe("connecting");
    expect(sent).toEqual([]);
    watches.connected();
    expect(sent).toMatchObject([{ payload: { room: "ann" } }]);
  });

  test("nothing where the question is one that no server takes", () => {
    const { open, sent } = setUp();
    expect(refusalOf(() => open({ key: "k".repeat(513) })).code).toBe("too_large");
    expect(sent).toEqual([]);
  });

  test("for each of two handles of one question as a copy of its own, which is free when one is closed and answered", () => {
    const { open, sent } = setUp();
    const [one] = [open(), open(), open({ key: "a" })];
    one.close();
    open();
    const copies = () => sent.filter(({ name }) => name === "watch").map(({ payload }) => payload);
    expect(copies()).toEqual([
      { room: "ann" },
      { room: "ann", copy: 1 },
      { room: "ann", key: "a" },
      // The first one's answer is still to come, and will have to be taken back.
      { room: "ann", copy: 2 },
    ]);
    sent[0]?.answer({ watch: "w", position: at(0), snapshot: [] });
    expect(sent.at(-1)).toMatchObject({ name: "unwatch", payload: { watch: "w" } });
    open();
    expect(copies().at(-1)).toEqual({ room: "ann" });
  });

  test("again on the next connection, from what was told, with the room's new changes", () => {
    const { heard, last, push, states, watches } = live();
    push(3, change(2), change(3));
    watches.disconnected();
    watches.disconnected();
    watches.connected();
    expect(last().payload).toEqual({ room: "ann", from: at(3) });
    last().answer({ watch: "w", position: at(5), changes: [change(5)] });
    expect(revisionsOf(heard)).toEqual([1, 2, 3, 5]);
    expect(states).toEqual(["live", "resuming", "live"]);
  });

  test("from before the first change too", () => {
    const { last, open, watches } = setUp();
    open();
    last().answer({ watch: "w", position: at(0), snapshot: [] });
    watches.connected();
    expect(last().payload).toEqual({ room: "ann", from: at(0) });
  });

  test("from the last whole page", () => {
    const { heard, last, open, watches } = { heard: [] as WatchEvent[], ...setUp() };
    const watch = open();
    watch.on("event", (event) => void heard.push(event));
    last().answer({ watch: "w", position: at(9), snapshot: [entry("half", 1)], more: true });
    expect(watch.state).toBe("connecting");
    watches.disconnected();
    watches.connected();
    expect(last().payload).toEqual({ room: "ann" });
    last().answer({ watch: "w", position: at(9), snapshot: [entry("a", 1)], more: true });
    watches.started({ watch: "w", room: "ann", position: at(9), snapshot: [entry("b", 2)] });
    expect(heard).toMatchObject([{ kind: "snapshot", puts: [{ key: "a" }, { key: "b" }] }]);
    expect(watch.state).toBe("live");
  });

  test("again after a refusal that may pass, once", () => {
    const { last, open, sent, watches } = setUp();
    open();
    last().refuse("unavailable", true);
    jest.advanceTimersByTime(999);
    expect(sent).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(sent).toHaveLength(2);
    last().refuse("unavailable", true);
    // The next connection asks by itself.
    watches.connected();
    jest.advanceTimersByTime(5_000);
    expect(sent).toHaveLength(3);
  });

  test("for a gap where the server has not reached what was told, and says what differs", () => {
    const { heard, last, watches } = live();
    watches.connected();
    last().refuse("future_position");
    const from = (last().payload as { from: Position }).from;
    expect(from.epoch).not.toBe("e");
    last().answer({ watch: "w", position: at(1, "f"), snapshot: [entry("b", 1)], gap: true });
    expect(heard.at(-1)).toMatchObject({ kind: "gap", reset: false, puts: [{ key: "b" }], deletes: ["a"] });
    watches.connected();
    expect(last().payload).toEqual({ room: "ann", from: at(1, "f") });
  });
});

test("an answer of an earlier connection is nobody's", () => {
  const { heard, sent, watches } = live();
  watches.connected();
  watches.connected();
  sent[1]?.answer({ watch: "w", position: at(2), changes: [change(2)] });
  expect(revisionsOf(heard)).toEqual([1]);
  sent[2]?.answer({ watch: "w", position: at(2), changes: [change(2)] });
  expect(revisionsOf(heard)).toEqual([1, 2]);
});

test("pushes of unknown watches are nobody's", () => {
  const { heard, watches } = live();
  watches.changed({ watch: "other", room: "ann", position: at(2), changes: [change(2)] });
  watches.started({ watch: "other", room: "ann", position: at(2), snapshot: [] });
  watches.ended({ watch: "other", room: "ann", reason: "" });
  expect(heard).toHaveLength(1);
});

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

test("closed, it is unwatched once and deaf", () => {
  const { heard, last, push, sent, states, watch, watches } = live();
  watch.close();
  watch.close();
  expect(last()).toMatchObject({ name: "unwatch", payload: { watch: "w" } });
  expect(sent).toHaveLength(2);
  push(2, change(2));
  watches.connected();
  watches.closed(CLOSED);
  expect([sent.length, heard.length, states]).toEqual([2, 1, ["live", "closed"]]);
});

test("closed without a connection, or before its answer, nothing remains asked for", () => {
  const { open, sent, watches } = setUp();
  const [one, other, third] = [open(), open(), open()];
  sent[0]?.answer({ watch: "w", position: at(0), snapshot: [] });
  watches.disconnected();
  one.close();
  other.close();
  watches.connected();
  expect(sent.slice(3)).toMatchObject([{ name: "watch", payload: { copy: 2 } }]);
  third.close();
  sent[3]?.refuse("future_position");
  expect(sent).toHaveLength(4);
});

test("what was asked or known on an earlier connection counts for nothing on the next", () => {
  const { open, sent, watches } = setUp();
  const [answered, unanswered] = [open(), open()];
  sent[0]?.answer({ watch: "w", position: at(0), snapshot: [] });
  watches.disconnected();
  unanswered.close();
  watches.connected();
  answered.close();
  const before = sent.length;
  expect(sent.slice(2)).toMatchObject([{ name: "watch", payload: { room: "ann" } }]);
  open();
  expect(sent[before]?.payload).toEqual({ room: "ann", copy: 1 });
  sent[2]?.answer({ watch: "w", position: at(0), snapshot: [] });
  expect(sent.slice(before + 1)).toMatchObject([{ name: "unwatch", payload: { watch: "w" } }]);
});
