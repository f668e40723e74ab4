import { expect, test } from "@jest/globals";
import { Audiences } from "../../server/domain/audiences.ts";
import { FakeConnection } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { WatchRig } from "../support/watching.ts";

const AT = 1_000;

/** Audiences whose watchers the test names. */
function setUp() {
  const clock = new ManualClock();
  const watchers = new Map<string, number>();
  const audiences = new Audiences(clock, (room) => (room === "ann" ? new Map(watchers) : new Map()));
  const owner = new FakeConnection();
  const change = (...names: readonly string[]): void => {
    watchers.clear();
    for (const name of names) watchers.set(name, AT);
    audiences.changed("ann");
  };
  return { audiences, change, clock, owner };
}

const joined = (...names: readonly string[]) => names.map((user) => ({ user, since: AT }));

test("the owner is told who else watches, and not that he does himself", () => {
  const { audiences, change, owner } = setUp();
  change("ann", "boss", "carl");
  expect(audiences.ask(owner, "ann")).toEqual({ watchers: joined("boss", "carl") });
  expect(audiences.ask(new FakeConnection(), "bob")).toEqual({ watchers: [] });
});

test("from then on he is pushed what is different, once a second at most", () => {
  const { audiences, change, clock, owner } = setUp();
  change("boss");
  clock.advance(1_000);
  audiences.ask(owner, "ann");
  for (const names of [["boss", "carl"], ["carl"], ["carl", "dora"]]) change(...names);
  clock.advance(999);
  expect(owner.pushed).toEqual([]);
  clock.advance(1);
  change("dora", "ann");
  clock.advance(1_000);
  clock.advance(60_000);
  expect(owner.pushed).toEqual([
    ["watchers", { joined: joined("carl", "dora"), left: ["boss"] }],
    ["watchers", { joined: [], left: ["carl"] }],
  ]);
  expect(clock.pending).toBe(0);
});

test("who comes and goes within the second is not worth a word", () => {
  const { audiences, change, clock, owner } = setUp();
  audiences.ask(owner, "ann");
  change("boss");
  change();
  clock.advance(1_000);
  expect(owner.pushed).toEqual([]);
});

test("whoever has not asked is told nothing, nor whoever has gone, nor the owner of another room", () => {
  const { audiences, change, clock, owner } = setUp();
  const other = new FakeConnection();
  audiences.ask(owner, "ann");
  audiences.ask(other, "bob");
  audiences.forget(owner);
  change("boss");
  clock.advance(1_000);
  expect([owner.pushed, other.pushed]).toEqual([[], []]);
});

test("each connection of the owner is told the difference to what it was told itself", () => {
  const { audiences, change, clock, owner } = setUp();
  const later = new FakeConnection();
  audiences.ask(owner, "ann");
  change("boss");
  audiences.ask(later, "ann");
  change("boss", "carl");
  clock.advance(1_000);
  expect(owner.pushed).toEqual([["watchers", { joined: joined("boss", "carl"), left: [] }]]);
  expect(later.pushed).toEqual([["watchers", { joined: joined("carl"), left: [] }]]);
});

test("closed, it leaves no timer", () => {
  const { audiences, change, clock } = setUp();
  change("boss");
  audiences.close();
  expect(clock.pending).toBe(0);
});

test("watches count from the moment they are asked for, each user once since his first, until they end", async () => {
  const rig = new WatchRig();
  const [one, other] = [rig.watcher(), rig.watcher()];
  const first = rig.clock.now();
  await rig.watch(one, { room: "ann" });
  rig.clock.advance(1_000);
  await rig.watch(other, { room: "*" });
  await rig.watch(other, { room: "ann", key: "a" });
  await rig.turn();
  expect([...rig.watches.watchersOf("ann")]).toEqual([["boss", first]]);
  expect([...rig.watches.watchersOf("bob")]).toEqual([["boss", first + 1_000]]);
  rig.watches.forget(one);
  expect([...rig.watches.watchersOf("ann")]).toEqual([["boss", first + 1_000]]);
  rig.changed.length = 0;
  rig.watches.forget(other);
  expect([...rig.watches.watchersOf("ann"), ...rig.watches.watchersOf("bob")]).toEqual([]);
  expect(new Set(rig.changed)).toEqual(new Set(["ann", "bob"]));
});
