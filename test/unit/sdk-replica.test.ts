import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Replica, type WatchEvent } from "../../client/sdk/replica.ts";
import type { Change, Entry, Position } from "../../protocol/fields.ts";

function at(revision: number, epoch = "e"): Position {
  return { epoch, revision, tag: revision * 10 };
}

function entry(key: string, revision: number, value = `${key}${revision}`): Entry {
  return { key, value, revision, version: 1, updatedAt: 5, updatedBy: "ann" };
}

function change(revision: number, puts: readonly string[], deletes: readonly string[] = []): Change {
  const entries = puts.map((key) => entry(key, revision));
  return { revision, tag: revision * 10, at: 5, by: "ann", puts: entries, deletes: [...deletes] };
}

const happened = { room: "ann", deletes: [] };

test("a snapshot is one event, at its position", () => {
  const replica = new Replica("ann", null);
  expect(replica.position).toBeNull();
  const events = replica.begin({ position: at(3), snapshot: [entry("a", 2), entry("b", 3)] });
  const puts = [entry("a", 2), entry("b", 3)];
  expect(events).toEqual([{ kind: "snapshot", reset: true, ...happened, position: at(3), puts }]);
  expect(replica.position).toEqual(at(3));
});

test("each change is an event with the position behind it", () => {
  const replica = new Replica("ann", at(3));
  const events = replica.begin({ position: at(9), changes: [change(5, ["a"]), change(7, [], ["b"])] });
  expect(events).toEqual([
    {
      kind: "change",
      reset: false,
      room: "ann",
      position: at(5),
      at: 5,
      by: "ann",
      puts: [entry("a", 5)],
      deletes: [],
    },
    { kind: "change", reset: false, room: "ann", position: at(7), at: 5, by: "ann", puts: [], deletes: ["b"] },
  ]);
  expect(replica.position).toEqual(at(9));
});

test("a position that moves without changes is no event", () => {
  const replica = new Replica("ann", at(3));
  expect(replica.changed(at(8), [])).toEqual([]);
  expect(replica.position).toEqual(at(8));
});

test("what was told already is not told again, and does not lead back", () => {
  const replica = new Replica("ann", at(3));
  replica.changed(at(5), [change(4, ["a"]), change(5, ["a"])]);
  expect(replica.changed(at(4), [change(4, ["a"])])).toEqual([]);
  expect(replica.changed(at(4), [])).toEqual([]);
  expect(replica.position).toEqual(at(5));
  const events = replica.changed(at(6), [change(5, ["a"]), change(6, ["b"])]);
  expect(events).toMatchObject([{ position: at(6) }]);
});

test("a snapshot in pages is one event, and half of one counts for nothing", () => {
  const replica = new Replica("ann", null);
  expect(replica.begin({ position: at(3), snapshot: [entry("half", 1)], more: true })).toEqual([]);
  expect(replica.position).toBeNull();
  replica.restart();
  expect(replica.begin({ position: at(4), snapshot: [entry("a", 2)], more: true })).toEqual([]);
  expect(replica.begin({ position: at(4), snapshot: [entry("b", 4)] })).toMatchObject([
    { kind: "snapshot", position: at(4), puts: [{ key: "a" }, { key: "b" }] },
  ]);
});

test("changes in pages are events at once, and one may go on behind each page", () => {
  const replica = new Replica("ann", at(0));
  expect(replica.begin({ position: at(1), changes: [change(1, ["a"])], more: true })).toHaveLength(1);
  expect(replica.position).toEqual(at(1));
  replica.restart();
  expect(replica.begin({ position: at(2), changes: [change(2, ["a"])] })).toHaveLength(1);
});

test("after a gap in the same life of the room, the difference leaves out what is known", () => {
  const replica = new Replica("ann", null);
  replica.begin({ position: at(3), snapshot: ["same", "old", "gone", "erased"].map((key, i) => entry(key, i + 1)) });
  replica.changed(at(6), [change(5, ["new"]), change(6, [], ["old", "erased"])]);
  const now = [entry("same", 1), entry("new", 9), entry("old", 8)];
  expect(replica.begin({ position: at(9), snapshot: now, gap: true })).toEqual([
    {
      kind: "gap",
      reset: false,
      room: "ann",
      position: at(9),
      puts: [entry("new", 9), entry("old", 8)],
      deletes: ["gone"],
    },
  ]);
});

test("in another life of the room the same revision is another value", () => {
  const replica = new Replica("ann", null);
  replica.begin({ position: at(3), snapshot: [entry("a", 1), entry("gone", 2)] });
  const now = [entry("a", 1, "another")];
  expect(replica.begin({ position: at(1, "f"), snapshot: now, gap: true })).toMatchObject([
    { kind: "gap", reset: false, puts: [{ value: "another" }], deletes: ["gone"] },
  ]);
});

test("so it is where the room is behind what was told of this life", () => {
  const replica = new Replica("ann", null);
  replica.begin({ position: at(3), snapshot: [entry("a", 2)] });
  expect(replica.begin({ position: at(2), snapshot: [entry("a", 2, "another")], gap: true })).toMatchObject([
    { kind: "gap", reset: false, puts: [{ value: "another" }] },
  ]);
});

test("where it began at a saved position, nobody knows what was seen: the gap begins anew", () => {
  const replica = new Replica("ann", at(7));
  replica.changed(at(8), [change(8, ["a"])]);
  expect(replica.begin({ position: at(20), snapshot: [entry("b", 19)], gap: true })).toMatchObject([
    { kind: "gap", reset: true, puts: [{ key: "b" }], deletes: [] },
  ]);
  // From then on it is known.
  expect(replica.begin({ position: at(30), snapshot: [entry("b", 19)], gap: true })).toMatchObject([
    { kind: "gap", reset: false, puts: [], deletes: [] },
  ]);
});

/** What somebody holds who only applies events. */
function apply(room: Map<string, string>, events: readonly WatchEvent[]): void {
  for (const event of events) {
    if (event.kind === "end") continue;
    if (event.reset) room.clear();
    for (const { key, value } of event.puts) room.set(key, value);
    for (const key of event.deletes) room.delete(key);
  }
}

const step = fc.record({
  puts: fc.uniqueArray(fc.constantFrom<string[]>("a", "b", "c", "__proto__")),
  deletes: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d")),
  outcome: fc.constantFrom("told", "told", "kept back", "gap", "restart and gap"),
});

test("whoever only folds puts and deletes holds the room, whatever gaps and restarts come between", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isSaved) => {
      const replica = new Replica("ann", isSaved ? at(0, "e0") : null);
      const [truth, held] = [new Map<string, Entry>(), new Map<string, string>()];
      let [revision, epoch] = [0, 0];
      let due: Change[] = [];
      const position = (): Position => at(revision, `e${epoch}`);
      const snapshot = (): Entry[] => [...truth.values()];
      if (!isSaved) apply(held, replica.begin({ position: position(), snapshot: [] }));
      for (const { puts, deletes, outcome } of steps) {
        if (outcome === "restart and gap") {
          truth.clear();
          [revision, epoch] = [0, epoch + 1];
        }
        revision++;
        const gone = deletes.filter((key) => truth.has(key) && !puts.includes(key));
        const one = change(revision, puts, gone);
        for (const put of one.puts) truth.set(put.key, { ...put, value: `${epoch}.${put.value}` });
        due.push({ ...one, puts: one.puts.map((put) => ({ ...put, value: `${epoch}.${put.value}` })), deletes: gone });
        for (const key of gone) truth.delete(key);
        if (outcome === "kept back") continue;
        if (outcome === "told") apply(held, replica.changed(position(), due));
        else apply(held, replica.begin({ position: position(), snapshot: snapshot(), gap: true }));
        due = [];
        expect(new Map([...held].toSorted())).toEqual(
          new Map([...truth].map(([key, { value }]) => [key, value] as const).toSorted()),
        );
      }
    }),
  );
});
