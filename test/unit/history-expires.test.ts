/** Values that go by themselves: too early, too late, twice, or though they were to stay. */
import { expect, test } from "@jest/globals";
import { expires } from "../history/expires.ts";
import { at, done, entry, put, putWith, Story } from "../history/story.ts";

function isBroken(story: Story): boolean {
  return expires.validate(story.here("bob").history).length > 0;
}

/** Ann has put a for a second. */
function written(): Story {
  const story = new Story().pass(1).witness().here("ann");
  const call = story.invoke(putWith("a", "1", { ttlMs: 1_000 }));
  return story.committed(at(1), [entry("a", "1", 1)]).answer(call, done(1, 1));
}

function touched(ttlMs: number | null, existed = true): Story {
  return written().pass(500).call({ kind: "touch", key: "a", ttlMs }, { kind: "touched", existed });
}

const gone = (story: Story, revision = 2): Story => story.committed(at(revision), [], ["a"], "system");

test("a value goes when its time is over", () => {
  expect(isBroken(gone(written().pass(1_000)))).toBe(false);
  expect(isBroken(gone(written().pass(999)))).toBe(true);
  expect(isBroken(gone(written().pass(2_001)))).toBe(true);
  expect(isBroken(written().pass(1_500))).toBe(false);
  expect(isBroken(written().pass(2_001))).toBe(true);
});

test("it goes once", () => {
  expect(isBroken(gone(gone(written().pass(1_000)), 3))).toBe(true);
});

test("a delete that comes first leaves nothing to expire", () => {
  const removed = written().call({ kind: "write", puts: [], deletes: ["a"], conditions: [] }, done(2));
  const history = removed.committed(at(2), [], ["a"]).pass(1_000);
  expect(isBroken(history)).toBe(false);
  expect(isBroken(gone(history, 3))).toBe(true);
});

test("a put without a time has it stay", () => {
  const call = (story: Story): Story => {
    const number = story.invoke(put("a", "2"));
    return story.committed(at(2), [entry("a", "2", 2, 2)]).answer(number, done(2, 2));
  };
  expect(isBroken(call(written()).pass(60_000))).toBe(false);
  expect(isBroken(gone(call(written()).pass(1_000), 3))).toBe(true);
});

test("a touch moves the time, or ends it", () => {
  expect(isBroken(gone(touched(2_000).pass(2_000)))).toBe(false);
  expect(isBroken(gone(touched(2_000).pass(500)))).toBe(true);
  expect(isBroken(gone(touched(100).pass(1_200)))).toBe(true);
  expect(isBroken(touched(null).pass(60_000))).toBe(false);
  expect(isBroken(gone(touched(null).pass(500)))).toBe(true);
  expect(isBroken(gone(touched(2_000, false).pass(500)))).toBe(false);
});

test("of a touch whose outcome nobody knows, either may be", () => {
  for (const ms of [500, 2_000]) {
    const story = written().pass(500).call({ kind: "touch", key: "a", ttlMs: 2_000 }, "unknown_outcome");
    expect([ms, isBroken(gone(story.pass(ms)))]).toEqual([ms, false]);
  }
});

test("what goes with its room does not expire, and without times nothing is said", () => {
  expect(isBroken(gone(written().pass(10)).lose("ann"))).toBe(false);
  const story = new Story().witness().call(putWith("a", "1", { ttlMs: 1_000 }), done(1, 1));
  expect(expires.validate(gone(story.committed(at(1), [entry("a", "1", 1)])).history)).toEqual([]);
});
