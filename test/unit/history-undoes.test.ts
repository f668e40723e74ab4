/** An undo puts back what was there before a commit, and nothing where that has changed since. */
import { expect, test } from "@jest/globals";
import { at, done, entry, put, Story, write } from "../history/story.ts";

const undo = (revision: number) => ({ kind: "undo", revision }) as const;

/** Ann has put a, then a and b at once. */
function written(): Story {
  const story = new Story().role("ann", "manager").witness();
  const first = story.invoke(put("a", "1"));
  story.committed(at(1), [entry("a", "1", 1)]).answer(first, done(1, 1));
  const second = story.invoke(write({ a: "2", b: "2" }));
  return story.committed(at(2), [entry("a", "2", 2, 2), entry("b", "2", 2)]).answer(second, done(2, 2));
}

function undone(story: Story, revision: number, value: string, deletes: string[], told = revision): string[] {
  const call = story.invoke(undo(2));
  story.committed(at(revision), [entry("a", value, revision, revision)], deletes);
  return story.answer(call, done(told)).caughtBy;
}

test("what was there before is put back, and what was not is deleted", () => {
  expect(undone(written(), 3, "1", ["b"])).toEqual([]);
  expect(undone(written(), 3, "1", [])).toContain("outcomes");
  expect(undone(written(), 3, "2", ["b"])).toContain("outcomes");
});

test("where one of the keys has changed since, nothing is undone", () => {
  const story = written();
  const call = story.invoke(put("a", "3"));
  story.committed(at(3), [entry("a", "3", 3, 3)]).answer(call, done(3, 3));
  expect(undone(story, 4, "1", ["b"])).toContain("outcomes");
});

test("an undo that was refused has not happened; one of which nobody knows may have", () => {
  expect(written().call(undo(2), "conflict").caughtBy).toEqual([]);
  const open = written();
  const call = open.invoke(undo(2));
  open.refuse(call, "unknown_outcome");
  expect(open.caughtBy).toEqual([]);
  expect(open.committed(at(3), [entry("a", "1", 3, 3)], ["b"]).caughtBy).toEqual([]);
  const refused = written().call(undo(2), "conflict");
  expect(refused.committed(at(3), [entry("a", "1", 3, 3)], ["b"]).caughtBy).toContain("faithful");
});
