/** Locks that are held together, writes that pass them, and fences that are not what they should be. */
import { expect, test } from "@jest/globals";
import { exclusive } from "../history/exclusive.ts";
import { at, done, entry, granted, lock, put, putWith, Story, unlock, unlocked } from "../history/story.ts";

const BOB = { user: "bob" };

/** Ann and bob are there; ann has locked a. */
function locked(mode: "shared" | "exclusive" = "exclusive"): Story {
  return new Story().pass(1).here("ann", "bob").call(lock("a", { mode }), granted(1));
}

function isBroken(story: Story): boolean {
  return exclusive.validate(story.say({ kind: "gone", client: "nobody" }).history).length > 0;
}

test("one key is held for themselves by two at once, or by one for himself while another shares it", () => {
  expect(isBroken(locked().call(lock("a"), granted(2), BOB))).toBe(true);
  expect(isBroken(locked("shared").call(lock("b a"), granted(2), BOB))).toBe(true);
  expect(isBroken(locked().call(lock("a", { mode: "shared" }), granted(2), BOB))).toBe(true);
  expect(isBroken(locked("shared").call(lock("a", { mode: "shared" }), granted(2), BOB))).toBe(false);
  expect(isBroken(locked().call(lock("b"), granted(2), BOB))).toBe(false);
});

test("what was given up, was lost or is of a session that may be over is not held", () => {
  expect(isBroken(locked().call(unlock("a"), unlocked).call(lock("a"), granted(2), BOB))).toBe(false);
  expect(isBroken(locked().lose().here("bob").call(lock("a"), granted(2), BOB))).toBe(false);
  const away = () => locked().presence("ann", "away");
  expect(isBroken(away().pass(4_999).call(lock("a"), granted(2), BOB))).toBe(true);
  expect(isBroken(away().pass(5_000).call(lock("a"), granted(2), BOB))).toBe(false);
  expect(isBroken(locked().presence("ann", "leaving").call(lock("a"), granted(2), BOB))).toBe(false);
  const back = away().pass(4_000).presence("ann", "here");
  expect(isBroken(back.pass(4_000).call(lock("a"), granted(2), BOB))).toBe(true);
});

test("a lease is held until it may be over", () => {
  const leased = () =>
    new Story()
      .pass(1)
      .here("ann", "bob")
      .call(lock("a", { leaseMs: 300 }), granted(1));
  expect(isBroken(leased().pass(299).call(lock("a"), granted(2), BOB))).toBe(true);
  expect(isBroken(leased().pass(300).call(lock("a"), granted(2), BOB))).toBe(false);
});

test("in the rooms of others, a lock is held until its manager may be no more", () => {
  const managed = () => new Story().pass(1).here("ann", "bob").call(lock("a"), granted(1), BOB);
  expect(isBroken(managed().role("bob", "guest", "asked").call(lock("a"), granted(2)))).toBe(false);
  expect(isBroken(managed().role("eve", "guest", "asked").call(lock("a"), granted(2)))).toBe(true);
});

test("a write passes a lock: without a fence, or by one that is over or not of this key", () => {
  const wrote = (request = put("a", "1")) => {
    const story = locked();
    const call = story.witness().invoke(request, BOB);
    return story.committed(at(1), [entry("a", "1", 1, 1, "bob")], [], "bob").answer(call, done(1, 1));
  };
  expect(isBroken(wrote())).toBe(true);
  expect(isBroken(wrote(putWith("a", "1", { fence: 1 })))).toBe(false);
  expect(isBroken(wrote(putWith("a", "1", { fence: 7 })))).toBe(true);
  const own = locked().call(put("a", "1"), done(1, 1));
  expect(isBroken(own)).toBe(false);
});

test("a holder that wakes late writes by its old fence", () => {
  const wakes = (ms: number) => {
    const story = locked().presence("ann", "away").pass(ms);
    return story.call(putWith("a", "1", { fence: 1 }), done(1, 1));
  };
  expect(isBroken(wakes(4_000))).toBe(false);
  expect(isBroken(wakes(6_001).pass(1))).toBe(true);
});

test("fences rise from grant to grant, and no two grants have one", () => {
  const free = () => locked().call(unlock("a"), unlocked);
  expect(isBroken(free().call(lock("a"), granted(2), BOB))).toBe(false);
  expect(isBroken(free().call(lock("a"), granted(1), BOB))).toBe(true);
  expect(isBroken(free().call(lock("b"), granted(0.5), BOB))).toBe(true);
  expect(isBroken(locked().call(lock("a"), granted(1)))).toBe(false);
  expect(isBroken(free().lose().here("bob").call(lock("a"), granted(0.5), BOB))).toBe(true);
});

test("functions that one client runs under locks exclude each other, too", () => {
  const section = { ...lock("a"), isSection: true } as const;
  const first = () => new Story().pass(1).here("ann").call(section, granted(1));
  expect(isBroken(first().call(section, granted(1)))).toBe(true);
  expect(isBroken(first().call(unlock("a"), "unknown_outcome").call(section, granted(1)))).toBe(false);
  expect(isBroken(first().call({ ...section, keys: ["b"] }, granted(2)))).toBe(false);
});
