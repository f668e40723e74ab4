import { describe, expect, test } from "@jest/globals";
import type { Lock, LockMode, LockNews, Outcome, Parked } from "../../server/engine/port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ask, expectKind, type MakeEngine, put, read, valuesOf } from "./kit.ts";

/** Somebody with a room to lock keys in; his name is his owner id too. */
function lock(owner: string, keys: string, mode: LockMode = "exclusive", claim: Lock["claim"] = {}): Lock {
  return { kind: "lock", by: owner, owner, keys: [...keys], mode, claim };
}

function patient(owner: string, keys: string, mode: LockMode = "exclusive", waitMs = 1_000): Lock {
  return lock(owner, keys, mode, { waitMs });
}

const unlock = (owner: string, keys: string) => ({ kind: "unlock", by: owner, owner, keys: [...keys] }) as const;

const fenceOf = (outcome: Outcome): number => expectKind(outcome, "granted").fence;

export function lockContract(make: MakeEngine): void {
  function setUp() {
    const clock = new ManualClock();
    const engine = make({}, clock);
    const news: LockNews[] = [];
    engine.onLocks((one) => {
      if (one.kind !== "moved") news.push(one);
    });
    const run = (operation: Parameters<typeof ask>[2], room = "room") => ask(engine, room, operation);
    /** Asks for what has to wait; the order in which such ends is kept. */
    const ends: string[] = [];
    const wait = async (name: string, operation: Parameters<typeof ask>[2]): Promise<Parked> => {
      const parked = expectKind(await run(operation), "parked");
      void parked.settled.then(() => ends.push(name));
      return parked;
    };
    return { clock, engine, news, run, wait, ends };
  }

  describe("locks", () => {
    test("exclusive locks keep everybody else off the key, shared ones keep off whoever wants it alone", async () => {
      const { run } = setUp();
      fenceOf(await run(lock("ann", "a")));
      expect(await run(lock("bob", "a"))).toMatchObject({
        code: "locked",
        holder: { key: "a", mode: "exclusive", user: "ann", since: expect.any(Number) },
      });
      expect(await run(lock("bob", "a", "shared"))).toMatchObject({ code: "locked" });
      await run(unlock("ann", "a"));
      fenceOf(await run(lock("bob", "a", "shared")));
      fenceOf(await run(lock("cleo", "a", "shared")));
      expect(await run(lock("ann", "a"))).toMatchObject({ code: "locked", holder: { mode: "shared" } });
    });

    test("all keys of a request are taken or none", async () => {
      const { run } = setUp();
      await run(lock("ann", "b"));
      expect(await run(lock("bob", "abc"))).toMatchObject({ code: "locked", holder: { key: "b" } });
      fenceOf(await run(lock("cleo", "ac")));
    });

    test("belong to a room", async () => {
      const { run } = setUp();
      await run(lock("ann", "a"), "one");
      fenceOf(await run(lock("bob", "a"), "two"));
    });

    test("a fence is greater than all before it, in every room, and the same while it is held", async () => {
      const { clock, run, engine } = setUp();
      const fences: number[] = [];
      for (const room of ["one", "one", "two"]) {
        const fence = fenceOf(await run(lock("ann", "a"), room));
        expect(fenceOf(await run(lock("ann", "a"), room))).toBe(fence);
        fences.push(fence);
        await run(unlock("ann", "a"), room);
      }
      await engine.deleteRoom("one");
      fences.push(fenceOf(await run(lock("ann", "a"), "one")));
      expect(fences).toEqual([...fences].sort((a, b) => a - b));
      expect(new Set(fences).size).toBe(4);
      // Goes on from the time: a restarted engine does not repeat one.
      expect(fences[0]).toBeGreaterThanOrEqual(clock.now() * 1024);
    });

    test("are re-entrant: asked again, nothing changes, and one unlock gives up all", async () => {
      const { run } = setUp();
      const first = fenceOf(await run(lock("ann", "a")));
      const both = fenceOf(await run(lock("ann", "ab")));
      expect(both).toBeGreaterThan(first);
      for (const fence of [first, both]) {
        expect(await run(put("a", "1", { by: "eve", owner: "eve", claim: { fence } }))).toMatchObject({
          kind: "committed",
        });
      }
      expect(await run(lock("ann", "a", "shared"))).toEqual({ kind: "granted", fence: both });
      await run(unlock("ann", "a"));
      fenceOf(await run(lock("bob", "a")));
      expect(await run(lock("bob", "b"))).toMatchObject({ code: "locked" });
    });

    test("only the owner unlocks", async () => {
      const { run } = setUp();
      await run(lock("ann", "a"));
      expect(await run(unlock("bob", "a"))).toEqual({ kind: "unlocked" });
      expect(await run(lock("bob", "a"))).toMatchObject({ code: "locked" });
    });

    test("a sole shared holder may go up, with a new fence; of two, one waits for the other", async () => {
      const { run, wait, ends } = setUp();
      const shared = fenceOf(await run(lock("ann", "a", "shared")));
      expect(fenceOf(await run(lock("ann", "a")))).toBeGreaterThan(shared);
      expect(await run(put("a", "1", { claim: { fence: shared } }))).toMatchObject({ code: "stale_fence" });
      await run(unlock("ann", "a"));
      await run(lock("ann", "a", "shared"));
      await run(lock("bob", "a", "shared"));
      const rise = await wait("ann rises", patient("ann", "a"));
      await wait("cleo", patient("cleo", "a"));
      expect(await run(patient("bob", "a"))).toMatchObject({ code: "conflict" });
      await run(unlock("bob", "a"));
      fenceOf(await rise.settled);
      expect(ends).toEqual(["ann rises"]);
    });

    test("mind only those who lock and write: anybody may read", async () => {
      const { run, engine } = setUp();
      await run(put("a", "1"));
      await run(lock("ann", "a"));
      expect(await valuesOf(engine, "room", "a")).toEqual(["1"]);
    });

    test("are listed, with those who wait and for whom", async () => {
      const { run, wait, clock } = setUp();
      const fence = fenceOf(await run(lock("ann", "ab")));
      await wait("bob", patient("bob", "b"));
      await wait("cleo", patient("cleo", "bc", "shared"));
      const since = clock.now();
      expect(await run({ kind: "locks", limit: 10 })).toEqual({
        kind: "locks",
        holders: ["a", "b"].map((key) => ({ key, mode: "exclusive", user: "ann", owner: "ann", since, fence })),
        waiters: [
          { keys: ["b"], mode: "exclusive", user: "bob", owner: "bob", since, behind: ["ann"] },
          { keys: ["b", "c"], mode: "shared", user: "cleo", owner: "cleo", since, behind: ["ann", "bob"] },
        ],
        more: false,
      });
      expect(await run({ kind: "locks", limit: 1 })).toMatchObject({ holders: [{}], waiters: [{}], more: true });
      // Who waits for many keys counts for as many.
      expect(await run({ kind: "locks", limit: 2 })).toMatchObject({ holders: [{}, {}], waiters: [{}], more: true });
    });
  });

  describe("waits for locks", () => {
    test("end in the order in which they began, and nobody overtakes", async () => {
      const { run, wait, ends } = setUp();
      await run(lock("ann", "a"));
      await wait("bob", patient("bob", "ab"));
      await wait("cleo", patient("cleo", "b"));
      // It is free, but not for who comes later.
      expect(await run(lock("dan", "b"))).toMatchObject({ code: "locked", holder: { user: "bob" } });
      await run(unlock("ann", "a"));
      await run(unlock("bob", "ab"));
      await run(lock("dan", "x"));
      expect(ends).toEqual(["bob", "cleo"]);
    });

    test("several who share are served together, up to the first who wants it alone", async () => {
      const { run, wait, ends } = setUp();
      await run(lock("ann", "a"));
      for (const name of ["bob", "cleo"]) await wait(name, patient(name, "a", "shared"));
      await wait("dan", patient("dan", "a"));
      await wait("eve", patient("eve", "a", "shared"));
      await run(unlock("ann", "a"));
      expect(ends).toEqual(["bob", "cleo"]);
      await run(unlock("bob", "a"));
      await run(unlock("cleo", "a"));
      expect(ends).toEqual(["bob", "cleo", "dan"]);
    });

    test("end when their time is over, and those behind move up", async () => {
      const { clock, run, wait, ends } = setUp();
      await run(lock("ann", "a", "shared"));
      const bob = await wait("bob", patient("bob", "a", "exclusive", 100));
      const cleo = await wait("cleo", patient("cleo", "a", "shared", 10_000));
      clock.advance(99);
      await run(read("a"));
      expect(ends).toEqual([]);
      clock.advance(1);
      expect(await bob.settled).toMatchObject({ code: "locked", holder: { user: "ann" } });
      await cleo.settled;
      expect(ends).toEqual(["bob", "cleo"]);
    });

    test("end when their owner unlocks one of the keys", async () => {
      const { run, wait } = setUp();
      await run(lock("ann", "a"));
      const bob = await wait("bob", patient("bob", "ab"));
      await run(unlock("bob", "b"));
      expect(await bob.settled).toMatchObject({ code: "conflict" });
      fenceOf(await run(lock("cleo", "b")));
    });

    test("one that would never end is refused at once", async () => {
      const { run, wait } = setUp();
      for (const [name, key] of ["ann a", "bob b", "cleo c"].map((pair) => pair.split(" "))) {
        await run(lock(name as string, key as string));
      }
      await wait("ann", patient("ann", "b"));
      await wait("bob", patient("bob", "c"));
      expect(await run(patient("cleo", "a"))).toMatchObject({ code: "conflict" });
      fenceOf(await run(lock("cleo", "d")));
    });

    test("who only writes holds nobody up, and who asks for the same again has it with the first: no circles", async () => {
      const { run, wait } = setUp();
      await run(lock("ann", "a"));
      const bobs = (value: string) => put("a", value, { by: "bob", owner: "bob", claim: { waitMs: 1_000 } });
      await wait("bob", bobs("1"));
      await wait("cleo", put("a", "2", { by: "cleo", owner: "cleo", claim: { waitMs: 1_000 } }));
      const again = await wait("bob again", bobs("3"));
      for (const name of ["dan", "eve", "dan", "eve"]) await wait(name, patient(name, "a"));
      await run(unlock("ann", "a"));
      expect(await again.settled).toMatchObject({ kind: "committed", revision: 3 });
    });

    test("so is a rise that would close a circle, though nothing is in its way", async () => {
      const { run, wait } = setUp();
      await run(lock("ann", "a"));
      await run(lock("bob", "b"));
      await run(lock("cleo", "c", "shared"));
      await wait("ann", patient("ann", "bc", "shared"));
      await wait("cleo", patient("cleo", "a"));
      // It would pass ann, for whom she waits already.
      expect(await run(lock("cleo", "c"))).toMatchObject({ code: "conflict" });
      fenceOf(await run(lock("cleo", "d")));
    });

    test("and a wait for somebody whom an own rise, which waits, would pass", async () => {
      const { run, wait } = setUp();
      await run(lock("ann", "a"));
      await run(lock("bob", "b"));
      for (const name of ["bob", "cleo"]) await run(lock(name, "c", "shared"));
      await wait("ann", patient("ann", "bc", "shared"));
      await wait("cleo rises", patient("cleo", "c"));
      expect(await run(patient("cleo", "a"))).toMatchObject({ code: "conflict" });
    });

    test("a cycle through a place in a queue is one too", async () => {
      const { run, wait } = setUp();
      await run(lock("ann", "a"));
      await run(lock("bob", "b"));
      await wait("cleo", patient("cleo", "ab"));
      // Cleo waits for bob, and whoever comes behind her for the same key waits for her.
      expect(await run(patient("bob", "a"))).toMatchObject({ code: "conflict" });
    });

    test("a repeat keeps its place, and both are answered alike; while it waits its outcome is unknown", async () => {
      const { run, wait } = setUp();
      const id = { client: "c".repeat(22), counter: 1 };
      await run(lock("ann", "a"));
      const first = await wait("bob", { ...patient("bob", "a"), id });
      await wait("cleo", patient("cleo", "a"));
      const again = await wait("bob again", { ...patient("bob", "a"), id });
      expect(await run({ kind: "status", id })).toEqual({ kind: "status", status: { state: "unknown" } });
      expect(await run(put("b", "1", { owner: "bob", id }))).toMatchObject({ code: "invalid" });
      await run(unlock("ann", "a"));
      const fence = fenceOf(await first.settled);
      expect(await again.settled).toEqual({ kind: "granted", fence });
      expect(await run({ ...patient("bob", "a"), id })).toEqual({ kind: "granted", fence });
      expect(await run({ kind: "status", id })).toMatchObject({ status: { state: "committed", revision: null } });
    });

    test("end with the owner, the room and the engine, each in its own way", async () => {
      const { engine, run, wait } = setUp();
      await run(lock("ann", "a"));
      await run(lock("ann", "a"), "other");
      const revoked = await wait("bob", patient("bob", "a"));
      const deleted = await wait("cleo", patient("cleo", "a"));
      const closed = expectKind(await run(patient("bob", "a"), "other"), "parked");
      await engine.revokeLocks("bob", "other");
      expect(await revoked.settled).toMatchObject({ code: "forbidden" });
      await engine.deleteRoom("room");
      expect(await deleted.settled).toMatchObject({ code: "not_found" });
      engine.close();
      expect(await closed.settled).toMatchObject({ code: "unavailable" });
      expect(await run(patient("bob", "a"), "other")).toMatchObject({ code: "unavailable" });
    });

    test("are told of: who waits behind whom, and who is served", async () => {
      const { news, run, wait } = setUp();
      await run(lock("ann", "a"));
      const bob = await wait("bob", patient("bob", "a"));
      await run(unlock("ann", "a"));
      const fence = fenceOf(await bob.settled);
      expect(news).toEqual([
        { kind: "waiting", room: "room", waiter: expect.objectContaining({ owner: "bob", behind: ["ann"] }) },
        { kind: "granted", room: "room", owner: "bob", keys: ["a"], mode: "exclusive", fence },
      ]);
    });
  });

  describe("writes and locks", () => {
    test("are refused where another holds one, and say who; the holder may, and whoever has his fence", async () => {
      const { run } = setUp();
      const fence = fenceOf(await run(lock("ann", "a")));
      const bobs = (claim?: Lock["claim"]) => put("a", "1", { by: "bob", owner: "bob", ...(claim && { claim }) });
      expect(await run(bobs())).toMatchObject({ code: "locked", holder: { user: "ann" } });
      expect(await run(put("a", "1"))).toMatchObject({ code: "locked" });
      expect(await run(put("a", "1", { owner: "ann" }))).toMatchObject({ kind: "committed" });
      expect(await run(bobs({ fence }))).toMatchObject({ kind: "committed" });
      expect(await run(bobs({ fence: fence + 1 }))).toMatchObject({ code: "stale_fence" });
      expect(await run(put("b", "1", { claim: { fence } }))).toMatchObject({ code: "stale_fence" });
    });

    test("every kind of write minds them", async () => {
      const { run } = setUp();
      await run(put("a", "1"));
      await run(lock("ann", "a", "shared"));
      const by = { by: "bob", owner: "bob" };
      const step = { kind: "put", key: "a", value: "2" } as const;
      for (const operation of [
        put("a", "2", by),
        { kind: "commit", ...by, puts: [], deletes: ["a"], conditions: [] } as const,
        { kind: "transact", ...by, conditions: [], steps: [], otherwise: [step] } as const,
        { kind: "touch", ...by, key: "a", ttlMs: 1 } as const,
        { kind: "undo", ...by, revision: 1 } as const,
      ]) {
        expect(await run(operation)).toMatchObject({ code: "locked" });
      }
      expect(await run(put("a", "2", { owner: "ann" }))).toMatchObject({ kind: "committed" });
    });

    test("a fence is stale when the lock was given up, lost, or granted again; that of a shared lock always is", async () => {
      const { run, engine } = setUp();
      const write = (fence: number) => run(put("a", "1", { owner: "ann", claim: { fence } }));
      const first = fenceOf(await run(lock("ann", "a")));
      await run(unlock("ann", "a"));
      expect(await write(first)).toMatchObject({ code: "stale_fence" });
      const second = fenceOf(await run(lock("ann", "a")));
      expect(await write(first)).toMatchObject({ code: "stale_fence" });
      expect(await write(second)).toMatchObject({ kind: "committed" });
      await engine.revokeLocks("ann");
      expect(await write(second)).toMatchObject({ code: "stale_fence" });
      expect(await write(fenceOf(await run(lock("ann", "a", "shared"))))).toMatchObject({ code: "stale_fence" });
    });

    test("wait for their turn where they may, and then are done at once", async () => {
      const { run, wait, engine } = setUp();
      await run(lock("ann", "a"));
      const by = { by: "bob", owner: "bob", claim: { waitMs: 1_000 } };
      const write = await wait("bob", put("a", "1", by));
      const reading = await wait("bob reads", { kind: "read", keys: ["a"], ...by });
      const next = await wait("cleo", patient("cleo", "a"));
      await run(put("a", "0", { owner: "ann" }));
      await run(unlock("ann", "a"));
      expect(await write.settled).toMatchObject({ kind: "committed", revision: 2 });
      expect(await reading.settled).toMatchObject({ entries: [{ value: "1" }], revision: 2 });
      fenceOf(await next.settled);
      expect(await valuesOf(engine, "room", "a")).toEqual(["1"]);
    });

    test("with `hold` they keep the lock that they need, but not where they are refused", async () => {
      const { run } = setUp();
      const ann = { by: "ann", owner: "ann", claim: { hold: true } };
      const reading = expectKind(await run({ kind: "read", keys: ["a"], ...ann }), "entries");
      expect(reading.fence).toEqual(expect.any(Number));
      fenceOf(await run(lock("bob", "a", "shared")));
      await run(unlock("bob", "a"));
      const writing = expectKind(await run(put("a", "1", ann)), "committed");
      expect(writing.fence).toBeGreaterThan(reading.fence ?? 0);
      expect(await run(lock("bob", "a", "shared"))).toMatchObject({ code: "locked" });
      expect(await run(put("b", "1", { ...ann, conditions: [{ key: "b", revision: 7 }] }))).toMatchObject({
        code: "conflict",
      });
      fenceOf(await run(lock("bob", "b")));
    });
  });

  describe("locks are lost", () => {
    test("when their lease is over, unless it was renewed", async () => {
      const { clock, news, run, wait } = setUp();
      const leased = lock("ann", "ab", "exclusive", { leaseMs: 100 });
      await run(leased);
      clock.advance(60);
      const fence = fenceOf(await run({ ...leased, keys: ["a"] }));
      const bob = await wait("bob", patient("bob", "b"));
      clock.advance(40);
      fenceOf(await bob.settled);
      expect(news).toContainEqual({ kind: "lost", room: "room", owner: "ann", keys: ["b"], reason: "lease" });
      expect(await run(put("a", "1", { claim: { fence } }))).toMatchObject({ kind: "committed" });
      clock.advance(60);
      expect(await run(put("a", "1", { claim: { fence } }))).toMatchObject({ code: "stale_fence" });
      expect(await run({ kind: "locks", limit: 9 })).toMatchObject({ holders: [{ key: "b", user: "bob" }] });
    });

    test("when they are taken away, in all rooms but one", async () => {
      const { engine, news, run } = setUp();
      for (const room of ["one", "two"]) await run(lock("ann", "a"), room);
      await engine.revokeLocks("ann", "one");
      expect(news).toEqual([{ kind: "lost", room: "two", owner: "ann", keys: ["a"], reason: "revoked" }]);
      expect(await run(lock("bob", "a"), "one")).toMatchObject({ code: "locked" });
      fenceOf(await run(lock("bob", "a"), "two"));
    });

    test("when the room is deleted, or the session is forgotten", async () => {
      const { engine, news, run } = setUp();
      await run(lock("ann", "a"));
      await engine.deleteRoom("room");
      expect(news).toEqual([{ kind: "lost", room: "room", owner: "ann", keys: ["a"], reason: "deleted" }]);
      fenceOf(await run(lock("bob", "a")));
      await engine.forgetClient("bob");
      fenceOf(await run(lock("ann", "a")));
    });
  });

  test("a room has so many locks and waits, and an owner so many waits", async () => {
    const { run } = setUp();
    const many = Array.from({ length: 1_000 }, (_, i) => `k${i}`);
    for (let i = 0; i < 10; i++) {
      fenceOf(await run({ ...lock("ann", ""), keys: many.map((key) => `${i} ${key}`) }));
    }
    expect(await run(lock("ann", "a"))).toMatchObject({ code: "quota" });
    await run({ ...unlock("ann", ""), keys: many.map((key) => `0 ${key}`) });
    await run(lock("ann", "a"));
    for (let i = 0; i < 64; i++) expectKind(await run(patient("bob", "a")), "parked");
    expect(await run(patient("bob", "a"))).toMatchObject({ code: "quota" });
    expectKind(await run(patient("cleo", "a")), "parked");
  });

  test("what waits carries no more than so much", async () => {
    const { run } = setUp();
    await run(lock("ann", "a"));
    const large = (owner: string) => put("a", "x".repeat(1_000_000), { by: owner, owner, claim: { waitMs: 1_000 } });
    for (let i = 0; i < 4; i++) expectKind(await run(large("bob")), "parked");
    expect(await run(large("bob"))).toMatchObject({ code: "quota" });
    // Without a single value.
    const conditions = Array.from({ length: 1_024 }, (_, i) => ({ key: `${i}`.padEnd(512, "x"), revision: 0 }));
    const wordy = { ...put("a", "", { by: "dora", owner: "dora", claim: { waitMs: 1_000 } }), conditions };
    for (let i = 0; i < 7; i++) expectKind(await run(wordy), "parked");
    expect(await run(wordy)).toMatchObject({ code: "quota" });
    expectKind(await run(large("cleo")), "parked");
    await run(unlock("bob", "a"));
    expectKind(await run(large("bob")), "parked");
  });

  test("who reads no key holds none", async () => {
    const { run } = setUp();
    await run(lock("bob", "a"));
    const nothing = await run({ kind: "read", keys: [], by: "ann", owner: "ann", claim: { hold: true } });
    expect(nothing).toEqual({ kind: "entries", entries: [], revision: 0 });
  });

  test("who holds as many locks as there may be can take them again, with a new lease", async () => {
    const { run } = setUp();
    const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}`);
    const fence = fenceOf(await run({ ...lock("ann", ""), keys }));
    expect(await run({ ...lock("ann", ""), keys, claim: { leaseMs: 1_000 } })).toEqual({ kind: "granted", fence });
    expect(await run(lock("ann", "b"))).toMatchObject({ code: "quota" });
  });
}
