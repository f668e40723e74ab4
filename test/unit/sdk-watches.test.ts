import { describe, expect, test } from "@jest/globals";
import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { Position } from "../../protocol/fields.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { at, CLOSED, change, entry, live, liveOfAll, revisionsOf, setUp, take } from "../support/sdk-watches.ts";

/** Code and sentence of the KeyroomError that a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<readonly [string, string]> {
  const { code, message } = await rejectionOf(promise);
  return [code, message];
}

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

describe("while the server is silent", () => {
  test("a live watch is resuming and says why, takes what comes, and goes on without being asked anew", () => {
    const { heard, push, sent, watch, watches } = live();
    const told: unknown[] = [];
    watch.on("state", (...news) => void told.push(news));
    watches.silent("No word.");
    expect(told.splice(0)).toEqual([["resuming", "No word."]]);
    push(2, change(2));
    expect([revisionsOf(heard), watch.state]).toEqual([[1, 2], "resuming"]);
    watches.heard();
    expect([told, sent.length]).toEqual([[["live", ""]], 1]);
  });

  test("one that was not live does not become so, and one that is closed is still unwatched", () => {
    const { last, open, sent, watches } = setUp();
    const [closed, asked, paging, refused] = [open(), open(), open(), open()];
    sent[0]?.answer({ watch: "w", position: at(1), snapshot: [] });
    sent[2]?.answer({ watch: "w2", position: at(1), snapshot: [], more: true });
    last().refuse("unavailable", true);
    watches.silent("No word.");
    closed.close();
    expect(last()).toMatchObject({ name: "unwatch", payload: { watch: "w" } });
    watches.heard();
    expect(closed.state).toBe("closed");
    expect([asked, paging, refused].map(({ state }) => state)).toEqual(Array(3).fill("connecting"));
  });

  test("one that is asked anew meanwhile is live with its answer, and one that is refused when it is not", () => {
    const { end, watch, watches } = live();
    watches.silent("No word.");
    end("ann", "unavailable");
    watches.heard();
    expect(watch.state).toBe("resuming");
    const other = live();
    other.watches.silent("No word.");
    other.watches.connected();
    other.watches.heard();
    expect(other.watch.state).toBe("resuming");
    other.last().answer({ watch: "w", position: at(1), changes: [] });
    expect(other.watch.state).toBe("live");
  });

  test("when the connection is lost, that is the reason", () => {
    const { watch, watches } = live();
    const told: unknown[] = [];
    watch.on("state", (...news) => void told.push(news));
    watches.silent("No word.");
    watches.disconnected();
    expect(told).toEqual([
      ["resuming", "No word."],
      ["resuming", "The connection is lost."],
    ]);
  });
});

describe("refused for now", () => {
  test("it is asked again, ever later up to 10 s, and says why and when", () => {
    const { clock, last, open, sent } = setUp();
    const watch = open();
    const told: unknown[] = [];
    watch.on("state", (state, why) => void told.push([state, why]));
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      const asked = sent.length;
      last().refuse("rate_limited", true);
      expect(told.at(-1)).toEqual(["connecting", `No. Next try in ${seconds} s.`]);
      clock.advance(seconds * 1_000 - 1);
      expect(sent).toHaveLength(asked);
      clock.advance(1);
      expect(sent).toHaveLength(asked + 1);
    }
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    expect(told.slice(-1)).toEqual([["live", ""]]);
    // The same reason with the same delay is told once.
    expect(told).toHaveLength(6);
    expect(clock.pending).toBe(0);
  });

  test("the next connection asks by itself, and begins with a short delay", () => {
    const { clock, last, open, sent, watches } = setUp();
    open();
    last().refuse("unavailable", true);
    clock.advance(1_000);
    last().refuse("unavailable", true);
    watches.disconnected();
    expect(clock.pending).toBe(0);
    watches.connected();
    expect(sent).toHaveLength(3);
    last().refuse("unavailable", true);
    clock.advance(1_000);
    expect(sent).toHaveLength(4);
  });

  test.each(["the watch", "the store"])(
    "nothing is asked any more when %s is closed, and no timer is left",
    (which) => {
      const { clock, last, open, sent, watches } = setUp();
      const watch = open();
      last().refuse("unavailable", true);
      if (which === "the watch") watch.close();
      else watches.closed(CLOSED);
      expect(clock.pending).toBe(0);
      clock.advance(20_000);
      expect(sent).toHaveLength(1);
    },
  );
});

describe("ended by the server", () => {
  test("for lack of a right, it fails with that, and tells of no end of the room", async () => {
    const { end, heard, open, sent, watch, watches } = live();
    const other = open();
    sent.at(-1)?.answer({ watch: "w2", position: at(1), snapshot: [] });
    const events = other[Symbol.asyncIterator]();
    expect(await take(events, 1)).toHaveLength(1);
    end("ann", "forbidden");
    watches.ended({ watch: "w2", room: "ann", reason: "Gone.", code: "forbidden" });
    expect(await refusal(events.next())).toEqual(["forbidden", "Gone."]);
    expect([watch.state, other.state, heard.length]).toEqual(["closed", "closed", 1]);
    expect(watch.position).toEqual(at(1));
  });

  test("of all rooms as a whole, it fails in the same way", () => {
    const { end, heard, states, watch } = liveOfAll();
    end("*", "forbidden");
    expect([watch.state, states.at(-1), heard.length]).toEqual(["closed", ["closed", "Gone."], 2]);
  });

  test("with a code of a later version, it fails in words", async () => {
    const { end, last, open } = setUp();
    const watch = open();
    last().answer({ watch: "w", position: at(1), snapshot: [] });
    end("ann", "from_the_future");
    const events = watch[Symbol.asyncIterator]();
    await take(events, 1);
    expect(await refusal(events.next())).toMatchObject(["internal", expect.stringMatching(/cannot read/)]);
  });

  test("for now, it is asked again from what was told", () => {
    const { clock, end, heard, last, push, states } = live();
    push(2, change(2));
    end("ann", "unavailable");
    expect(states).toEqual(["live", "resuming"]);
    clock.advance(1_000);
    expect(last()).toMatchObject({ name: "watch", payload: { room: "ann", from: at(2) } });
    last().answer({ watch: "w", position: at(3), changes: [change(3)] });
    expect([revisionsOf(heard), states.at(-1)]).toEqual([[1, 2, 3], "live"]);
  });

  test("because of a position from the future, it asks for a gap at once", () => {
    const { end, heard, last } = live();
    end("ann", "future_position");
    expect(last().payload).toMatchObject({ from: { epoch: "" } });
    last().answer({ watch: "w", position: at(0), snapshot: [], gap: true });
    expect(heard.at(-1)).toMatchObject({ kind: "gap", deletes: ["a"] });
  });
});

describe("one room of all", () => {
  test("whose position was from the future goes on with a gap that tells the difference; nothing is asked", () => {
    const { end, heard, sent, watch, watches } = liveOfAll();
    end("bob", "future_position");
    watches.started({ watch: "w", room: "bob", position: at(1), snapshot: [entry("b", 1)], gap: true });
    expect(heard.slice(2)).toMatchObject([
      { kind: "gap", reset: false, room: "bob", puts: [{ key: "b" }], deletes: ["a"] },
    ]);
    expect([watch.state, sent.length]).toEqual(["live", 1]);
  });

  test("that the server cannot go on with is asked for again with all, once, and is not taken for deleted", () => {
    const { clock, end, heard, last, sent, states, watch, watches } = liveOfAll();
    end("ann", "internal");
    end("bob", "internal");
    watches.changed({ watch: "w", room: "cleo", position: at(1), changes: [] });
    watches.started({ watch: "w", room: "dora", position: at(1), snapshot: [] });
    expect(states.slice(1)).toEqual([["resuming", "Gone. Next try in 1 s."]]);
    clock.advance(1_000);
    expect(sent).toHaveLength(2);
    expect(last().payload).toEqual({
      room: "*",
      from: { ann: at(1), bob: at(1), cleo: at(1), dora: at(1) },
    });
    last().answer({ watch: "w" });
    expect([watch.state, heard.map(({ kind }) => kind)]).toEqual(["live", ["snapshot", "snapshot", "snapshot"]]);
  });

  test("whose pages were cut off by asking again begins with the new ones alone", () => {
    const { clock, end, heard, last, watches } = liveOfAll();
    const page = (key: string, more?: true) =>
      watches.started({ watch: "w", room: "cleo", position: at(9), snapshot: [entry(key, 1)], ...(more && { more }) });
    end("bob", "internal");
    page("gone", true);
    clock.advance(1_000);
    page("gone too", true);
    last().answer({ watch: "w" });
    page("a", true);
    page("b");
    expect(heard.at(-1)).toMatchObject({ kind: "snapshot", room: "cleo", puts: [{ key: "a" }, { key: "b" }] });
  });
});

test("deleted while it was away, a room ends as it does before one's eyes; one that never began is refused", async () => {
  const { heard, open, sent, states, watch, watches } = live();
  const never = open({}, "nobody");
  watches.disconnected();
  watches.connected();
  for (const { refuse } of sent.slice(2)) refuse("not_found");
  expect(heard.slice(1)).toEqual([{ kind: "end", room: "ann", reason: "No." }]);
  expect([states.at(-1), watch.position]).toEqual(["closed", null]);
  expect(await refusal(never[Symbol.asyncIterator]().next())).toEqual(["not_found", "No."]);
});

test("a watch that is opened when the store is closed fails with its reason", async () => {
  const { open, sent, watches } = setUp();
  watches.closed(CLOSED);
  const watch = open();
  expect(await refusal(watch[Symbol.asyncIterator]().next())).toEqual(["unavailable", "Closed."]);
  expect(sent).toEqual([]);
});

test("an answer to a watch that was paused meanwhile is taken back; it is asked again when all is taken", async () => {
  const { clock, end, last, open, sent, watches } = setUp();
  const watch = open({}, "*");
  last().answer({ watch: "w" });
  watches.started({ watch: "w", room: "ann", position: at(0), snapshot: [] });
  end("ann", "internal");
  clock.advance(1_000);
  const changes = [change(1, "a", "x".repeat(2 ** 24))];
  watches.changed({ watch: "w", room: "ann", position: at(1), changes });
  expect(sent.map(({ name }) => name)).toEqual(["watch", "watch", "unwatch"]);
  sent[1]?.answer({ watch: "w" });
  watches.changed({ watch: "w", room: "ann", position: at(2), changes: [change(2)] });
  expect(sent.slice(3)).toMatchObject([{ name: "unwatch", payload: { watch: "w" } }]);
  await take(watch[Symbol.asyncIterator](), 2);
  expect(last()).toMatchObject({ name: "watch", payload: { room: "*", from: { ann: at(1) } } });
});

test("what is asked while an earlier answer is under way makes that nobody's", () => {
  const { clock, end, heard, sent } = live();
  end("ann", "unavailable");
  clock.advance(1_000);
  end("ann", "unavailable");
  clock.advance(2_000);
  expect(sent).toHaveLength(3);
  sent[1]?.refuse("conflict");
  sent[2]?.answer({ watch: "w", position: at(2), changes: [change(2)] });
  expect(revisionsOf(heard)).toEqual([1, 2]);
});

test("an empty prefix is the question without one: each handle has its copy", () => {
  const { open, sent } = setUp();
  open();
  open({ prefix: "" });
  expect(sent.map(({ payload }) => payload)).toEqual([{ room: "ann" }, { room: "ann", copy: 1 }]);
});

test("a watch whose positions are more than a message can carry fails, and is not asked: the others are", async () => {
  const { open, sent, watches } = setUp(false);
  const positions = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`room${i}`.padEnd(64, "é"), at(i)]));
  const [all, one] = [open({ from: positions(30_000) }, "*"), open()];
  watches.connected();
  expect(sent.map(({ payload }) => payload)).toEqual([{ room: "ann" }]);
  expect([all.state, one.state]).toEqual(["closed", "connecting"]);
  expect(await refusal(all[Symbol.asyncIterator]().next())).toEqual([
    "too_large",
    "The watch cannot go on: the positions of its rooms are too much for one message. " +
      "Watch without `from`, or watch fewer rooms.",
  ]);
  open({ from: positions(20_000) }, "*");
  expect(JSON.stringify(sent.at(-1)?.payload).length).toBeGreaterThan(2 ** 21);
});
