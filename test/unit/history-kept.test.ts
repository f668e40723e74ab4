/** What sessions keep through their reconnects, and what they leave behind. */
import { expect, test } from "@jest/globals";
import { kept } from "../history/kept.ts";
import { at, done, entry, granted, lock, put, putWith, Story, unlock, unlocked } from "../history/story.ts";

const BOB = { user: "bob" };

function isBroken(story: Story): boolean {
  return kept.validate(story.history).length > 0;
}

/** Ann and bob are there; ann has locked a. */
function locked(options: Parameters<typeof lock>[1] = {}): Story {
  return new Story().pass(1).here("ann", "bob").call(lock("a", options), granted(1));
}

test("whoever is kept off is so by somebody who can have the key", () => {
  for (const request of [lock("a"), put("a", "1"), { kind: "touch", key: "a", ttlMs: 1 } as const]) {
    expect(isBroken(locked().call(request, "locked", BOB))).toBe(false);
    expect(isBroken(locked().call(unlock("a"), unlocked).call(request, "locked", BOB))).toBe(true);
  }
  expect(isBroken(locked().call(lock("b"), "locked", BOB))).toBe(true);
  expect(isBroken(locked().call(put("a", "1"), "locked"))).toBe(true);
  expect(isBroken(locked({ mode: "shared" }).call(lock("a", { mode: "shared" }), "locked", BOB))).toBe(true);
});

test("when a session is over, its locks keep nobody off", () => {
  const away = (ms: number) => locked().presence("ann", "away").pass(ms).call(lock("a"), "locked", BOB);
  expect(isBroken(away(5_000))).toBe(false);
  expect(isBroken(away(6_001))).toBe(true);
  const back = locked().presence("ann", "away").pass(4_000).presence("ann", "here");
  expect(isBroken(back.pass(9_000).call(lock("a"), "locked", BOB))).toBe(false);
  const rest = (ms: number) =>
    locked()
      .presence("ann", "away")
      .pass(ms)
      .say({ kind: "rest", room: "ann", holders: [{ key: "a", owner: "ann" }], waiters: [] });
  expect(isBroken(rest(4_000))).toBe(false);
  expect(isBroken(rest(6_001))).toBe(true);
});

test("a lease that is over keeps nobody off, nor do locks that were told as lost, or of whoever is no manager any more", () => {
  expect(isBroken(locked({ leaseMs: 100 }).pass(50).call(put("a", "1"), "locked", BOB))).toBe(false);
  expect(isBroken(locked({ leaseMs: 100 }).pass(1_101).call(put("a", "1"), "locked", BOB))).toBe(true);
  expect(
    isBroken(locked({ leaseMs: 100 }).pass(100).locks("ann", "lost", "a").call(put("a", "1"), "locked", BOB)),
  ).toBe(true);
  const managed = new Story().pass(1).here("ann", "bob").call(lock("a"), granted(1), BOB);
  managed.role("bob", "guest", "asked").role("bob", "guest");
  expect(isBroken(managed.call(put("a", "1"), "locked"))).toBe(true);
});

test("within the grace, no lock is lost and no fence stale", () => {
  const flapped = () => locked().presence("ann", "away").pass(4_000).presence("ann", "here");
  expect(isBroken(flapped().locks("ann", "lost", "a").call(put("b", "1"), done(1, 1)))).toBe(true);
  expect(
    isBroken(
      flapped()
        .call(putWith("a", "1", { fence: 1 }), "stale_fence")
        .pass(1)
        .here("ann"),
    ),
  ).toBe(true);
  expect(
    isBroken(
      flapped()
        .call(unlock("a"), unlocked)
        .call(putWith("a", "1", { fence: 1 }), "stale_fence"),
    ),
  ).toBe(false);
  const late = locked()
    .presence("ann", "away")
    .pass(6_000)
    .call(putWith("a", "1", { fence: 1 }), "stale_fence");
  expect(isBroken(late.locks("ann", "lost", "a"))).toBe(false);
});

/** Ann puts an ephemeral key, and it goes, or not, so many ms after her connection. */
function ephemeral(ms: number, goes: boolean, second = put("b", "2")): Story {
  const story = new Story().pass(1).witness().here("ann", "bob");
  const first = story.invoke(putWith("a", "1", { ephemeral: true }));
  story.committed(at(1), [{ ...entry("a", "1", 1), ephemeral: true }]).answer(first, done(1, 1));
  const [{ key = "", value = "" } = {}] = second.puts;
  const other = story.invoke(second, BOB);
  story.committed(at(2), [entry(key, value, 2, 1, "bob")], [], "bob").answer(other, done(2));
  story.presence("ann", "away").pass(ms);
  if (goes) story.committed(at(3), [], ["a"], "system");
  return story.here("bob");
}

test("an ephemeral key goes with its session: not before, and not later", () => {
  expect(isBroken(ephemeral(5_000, true))).toBe(false);
  expect(isBroken(ephemeral(4_999, true))).toBe(true);
  expect(isBroken(ephemeral(4_999, false))).toBe(false);
  expect(isBroken(ephemeral(6_001, false).pass(1).here("bob"))).toBe(true);
});

test("an ephemeral key that somebody else has put again is his", () => {
  expect(isBroken(ephemeral(9_000, false, put("a", "2")).here("bob"))).toBe(false);
});

test("a function under a lock ends when that is lost, or soon after it can be known", () => {
  const section = { ...lock("a", { leaseMs: 100 }), isSection: true } as const;
  const ends = (what: (story: Story) => Story, ms: number): boolean => {
    const story = what(new Story().pass(1).here("ann", "bob").call(section, granted(1))).pass(ms);
    return isBroken(story.call(unlock("a"), "unknown_outcome"));
  };
  expect(ends((story) => story, 90_000)).toBe(false);
  const told = (story: Story) => story.pass(100).locks("ann", "lost", "a");
  expect(ends(told, 0)).toBe(false);
  expect(ends(told, 1_001)).toBe(true);
  const away = (story: Story) => story.presence("ann", "away").pass(6_000).here("bob");
  expect(ends(away, 9_000)).toBe(false);
  expect(ends(away, 11_000)).toBe(true);
  expect(ends((story) => story.lose(), 15_000)).toBe(false);
  expect(ends((story) => story.lose(), 15_001)).toBe(true);
});
