/** Who waits for a lock: overtaken, forgotten, or for somebody who waits for him. */
import { expect, test } from "@jest/globals";
import { fair } from "../history/fair.ts";
import { granted, lock, Story, unlock, unlocked } from "../history/story.ts";

const [BOB, EVE] = [{ user: "bob" }, { user: "eve" }];
const WAIT = { waitMs: 1_000 };

function isBroken(story: Story): boolean {
  return fair.validate(story.history).length > 0;
}

/** Ann has locked a; bob waits for it, and was told so. */
function waiting(): { readonly story: Story; readonly bob: number } {
  const story = new Story().pass(1).here("ann", "bob", "eve").call(lock("a"), granted(1));
  const bob = story.invoke(lock("a", WAIT), BOB);
  return { story: story.pass(10).locks("bob", "waiting", "a"), bob };
}

test("whoever came first is served first", () => {
  const ended = (first: number, second: number) => {
    const { story, bob } = waiting();
    const eve = story.invoke(lock("a", WAIT), EVE);
    story.call(unlock("a"), unlocked).answer(bob, granted(first)).call(unlock("a"), unlocked, BOB);
    return story.answer(eve, granted(second));
  };
  expect(isBroken(ended(2, 3))).toBe(false);
  expect(isBroken(ended(3, 2))).toBe(true);
});

test("where nobody knows who came first, all is well", () => {
  const story = new Story().pass(1).here("ann", "bob", "eve").call(lock("a"), granted(1));
  const [bob, eve] = [story.invoke(lock("a", WAIT), BOB), story.invoke(lock("a", WAIT), EVE)];
  story.locks("bob", "waiting", "a").call(unlock("a"), unlocked).answer(eve, granted(2));
  expect(isBroken(story.call(unlock("a"), unlocked, EVE).answer(bob, granted(3)))).toBe(false);
});

test("who waits is overtaken also where he never gets it", () => {
  const passed = (keys: string) => {
    const { story, bob } = waiting();
    story.call(unlock("a"), unlocked).call(lock(keys), granted(2), EVE);
    return story.pass(1_000).refuse(bob, "locked");
  };
  expect(isBroken(passed("b a"))).toBe(true);
});

test("a repeat that had to wait anew has lost its place, and who holds a key already needs none", () => {
  const { story, bob } = waiting();
  story.here("bob").call(unlock("a"), unlocked).call(lock("a"), granted(2), EVE);
  expect(isBroken(story.call(unlock("a"), unlocked, EVE).answer(bob, granted(3)))).toBe(false);
  const again = waiting();
  again.story.call(lock("a"), granted(2)).call(unlock("a"), unlocked).answer(again.bob, granted(3));
  expect(isBroken(again.story)).toBe(false);
});

test("who waits in vain is forgotten where nobody can have had the key for a moment", () => {
  const vain = (ms: number) => {
    const { story, bob } = waiting();
    story.pass(ms).call(unlock("a"), unlocked).pass(20).call(lock("c"), granted(2), EVE);
    return story.pass(990 - ms).refuse(bob, "locked");
  };
  expect(isBroken(vain(300))).toBe(true);
  expect(isBroken(vain(980))).toBe(false);
  const { story, bob } = waiting();
  expect(isBroken(story.pass(1_010).refuse(bob, "locked"))).toBe(false);
});

test("another who waits for it may be in the way, or one of whom nobody knows", () => {
  for (const end of ["locked", "unknown_outcome"] as const) {
    const story = new Story().pass(1).here("ann", "bob", "eve").call(lock("a"), granted(1));
    const eve = story.invoke(lock("a", WAIT), EVE);
    const bob = story.invoke(lock("a", WAIT), BOB);
    story.pass(300).call(unlock("a"), unlocked).pass(200);
    if (end === "unknown_outcome") story.refuse(eve, end).pass(700);
    else story.pass(700).refuse(eve, end);
    expect([end, isBroken(story.refuse(bob, "locked"))]).toEqual([end, false]);
  }
});

test("those who wait for each other", () => {
  const crossed = (held: string) => {
    const story = new Story().pass(1).here("ann", "bob").call(lock("a"), granted(1)).call(lock(held), granted(2), BOB);
    const [ann, bob] = [story.invoke(lock("b", WAIT)), story.invoke(lock("a", WAIT), BOB)];
    return story
      .locks("ann", "waiting", "b")
      .locks("bob", "waiting", "a")
      .refuse(bob, "conflict")
      .refuse(ann, "conflict");
  };
  expect(isBroken(crossed("b"))).toBe(true);
  expect(isBroken(crossed("c"))).toBe(false);
});

test("a wait that is there when nothing is under way has no end", () => {
  const rest = (...waiters: { keys: string[]; owner: string }[]) =>
    new Story().say({ kind: "rest", room: "ann", holders: [], waiters });
  expect(isBroken(rest())).toBe(false);
  expect(isBroken(rest({ keys: ["a"], owner: "bob" }))).toBe(true);
});
