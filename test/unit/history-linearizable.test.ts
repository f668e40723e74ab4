import { describe, expect, test } from "@jest/globals";
import type { WriteRequest } from "../history/history.ts";
import { at, done, entry, found, foundAt, get, list, page, put, read, remove, Story, write } from "../history/story.ts";

function ifEquals(key: string, equals: string, request: WriteRequest): WriteRequest {
  return { ...request, conditions: [{ key, equals }] };
}

describe("calls that have an order", () => {
  test("a read that overlaps a write sees it, or does not", () => {
    for (const seen of [null, entry("k", "1", 1)]) {
      const story = new Story();
      const writing = story.invoke(put("k", "1"));
      story.call(get("k"), found(seen)).answer(writing, done(1, 1));
      expect(story.caughtBy).toEqual([]);
    }
  });

  test("overlapping writes are answered in any order", () => {
    const story = new Story();
    const [one, two, three] = [story.invoke(put("k", "1")), story.invoke(put("k", "2")), story.invoke(remove("k"))];
    story.answer(two, done(3, 1)).answer(one, done(1, 1)).answer(three, done(2));
    expect(story.call(get("k"), found(entry("k", "2", 3))).caughtBy).toEqual([]);
  });

  test("a write of unknown outcome happens much later, and another never", () => {
    const story = new Story();
    story.call(put("k", "1"), "unknown_outcome").call(put("k", "2"), "unknown_outcome");
    story.call(put("k", "3"), done(1, 1)).call(get("k"), found(entry("k", "3", 1)));
    story.call(put("j", "4"), done(3, 1)).call(get("k"), found(entry("k", "1", 2, 2)));
    expect(story.caughtBy).toEqual([]);
  });

  test("what was open at the end explains a hole that nobody saw", () => {
    const story = new Story();
    story.invoke(remove("k"));
    story.call(put("k", "1"), done(1, 1)).call(put("j", "2"), done(3, 1)).call(get("k"), found(null));
    expect(story.caughtBy).toEqual([]);
  });

  test("a restart begins anew; a write that overlaps it is in the one life or the other", () => {
    for (const [revision, seen] of [
      [2, null],
      [1, entry("j", "2", 1)],
    ] as const) {
      const story = new Story().call(put("k", "1"), done(1, 1));
      const writing = story.invoke(put("j", "2"));
      story.say({ kind: "lost", room: null, phase: "begun" }).answer(writing, done(revision, 1));
      story.say({ kind: "lost", room: null, phase: "done" }).call(get("k"), found(null));
      expect(story.call(get("j"), found(seen)).caughtBy).toEqual([]);
    }
  });

  test("a conflict, a delete of nothing and a page", () => {
    const story = new Story().call(put("k", "1", 0), done(1, 1)).call(put("k", "2", 0), "conflict");
    story.call(remove("j"), done(null)).call(write({ b: "3", a: "4" }, ["k"]), done(2, 1));
    story.call(list, page(at(2), entry("a", "4", 2), entry("b", "3", 2)));
    expect(story.caughtBy).toEqual([]);
  });

  test("several keys at once: read, written where a value is right, and swapped or not", () => {
    const story = new Story().call(write({ a: "1", b: "2" }), done(1, 1));
    story.call(ifEquals("a", "1", write({ a: "3" }, ["b"])), done(2, 2));
    story.call(ifEquals("b", "2", write({ a: "4" })), "conflict");
    story.call({ ...ifEquals("b", "2", write({ a: "5" })), isTransaction: true }, done(null));
    story.call(read("b", "a"), foundAt(2, null, entry("a", "3", 2, 2)));
    expect(story.caughtBy).toEqual([]);
  });

  test("which of two writes of unknown outcome has happened may be told by a condition alone", () => {
    for (const value of ["1", "2"]) {
      const story = new Story().call(put("k", "1"), "unknown_outcome").call(put("k", "2"), "unknown_outcome");
      expect(story.call(ifEquals("k", value, put("j", "3")), done(2, 1)).caughtBy).toEqual([]);
    }
  });

  test("a run that goes on from a known room", () => {
    const story = new Story().say({ kind: "base", room: "ann", position: at(7), entries: [entry("k", "0", 3, 2)] });
    story.call(get("k"), found(entry("k", "0", 3, 2))).call(put("k", "1"), done(8, 3));
    expect(story.caughtBy).toEqual([]);
  });

  test("a closed client's own conflict says nothing of the room", () => {
    const story = new Story();
    const writing = story.invoke(put("k", "1", 0));
    expect(story.say({ kind: "gone", client: "ann's" }).refuse(writing, "conflict").caughtBy).toEqual([]);
  });

  test("a hundred writes of unknown outcome are no reason to give up", () => {
    const story = new Story();
    for (let i = 0; i < 100; i++) story.call(put(`k${i % 3}`, `lost ${i}`), "unknown_outcome");
    for (let i = 0; i < 30; i++) {
      story.call(put(`j${i % 5}`, `kept ${i}`), done(2 * i + 2, Math.floor(i / 5) + 1));
    }
    expect(story.call(get("k0"), found(null)).caughtBy).toEqual([]);
    const right = new Story();
    for (let i = 0; i < 100; i++) right.call(put(`k${i}`, `lost ${i}`), "unknown_outcome");
    for (let i = 0; i < 30; i++) right.call(put(`j${i}`, `kept ${i}`), done(2 * i + 2, 1));
    for (let i = 0; i < 30; i++) right.call(get(`k${i}`), found(entry(`k${i}`, `lost ${i}`, 59 - 2 * i)));
    expect(right.caughtBy).toEqual([]);
  });
});

describe("calls that have none", () => {
  const written = (): Story => new Story().call(put("k", "1"), done(1, 1)).call(put("k", "2"), done(2, 2));

  test.each<[string, Story]>([
    ["a read of an old value", written().call(get("k"), found(entry("k", "1", 1)))],
    ["a lost write", written().call(get("k"), found(null))],
    ["a revision that is left out", written().call(put("k", "3"), done(4, 3))],
    ["a revision that is used again", written().call(put("j", "3"), done(2, 1))],
    ["a wrong version", written().call(put("k", "3"), done(3, 2))],
    ["a conflict that was none", written().call(put("k", "3", 2), "conflict")],
    ["a conflict without a condition", written().call(put("k", "3"), "conflict")],
    ["a condition that did not hold", written().call(put("k", "3", 1), done(3, 3))],
    ["a value that was another", written().call(ifEquals("k", "1", put("k", "3")), done(3, 3))],
    ["a value that was right", written().call(ifEquals("k", "2", put("k", "3")), "conflict")],
    [
      "a transaction that should have been done",
      written().call({ ...put("k", "3", 2), isTransaction: true }, done(null)),
    ],
    [
      "a transaction that should not have been",
      written().call({ ...put("k", "3", 1), isTransaction: true }, done(3, 3)),
    ],
    ["a read of two moments", written().call(read("k", "j"), foundAt(2, entry("k", "1", 1), null))],
    ["a read that tells another revision", written().call(read("j"), foundAt(1, null))],
    ["a delete of something that says nothing was there", written().call(remove("k"), done(null))],
    ["a delete of nothing that was committed", written().call(remove("j"), done(3))],
    ["a page that lacks something", written().call(list, page(at(2)))],
    [
      "a room that outlives its server",
      written()
        .lose()
        .call(get("k"), found(entry("k", "2", 2, 2))),
    ],
    ["a revision that goes on behind a restart", written().lose().call(put("k", "3"), done(3, 1))],
    [
      "a write of unknown outcome that was seen, and then had never been",
      new Story()
        .call(put("k", "1"), "unknown_outcome")
        .call(get("k"), found(entry("k", "1", 1)))
        .call(get("k"), found(null)),
    ],
    [
      "a write that went down with its server, and happens in the next",
      new Story()
        .call(put("k", "1"), "unknown_outcome")
        .lose()
        .call(get("k"), found(entry("k", "1", 1))),
    ],
  ])("%s", (_, story) => {
    expect(story.caughtBy).toEqual(["linearizable"]);
  });
});
