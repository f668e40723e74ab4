import { expect, test } from "@jest/globals";
import type { LockList, Store } from "../../client/sdk/index.ts";
import type { Push } from "../../protocol/pushes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };
const max = { user: "max", password: "secret" };

/** Two sessions of one user. */
async function two(): Promise<{ url: string; mine: Store; other: Store }> {
  const { url } = await serve();
  const [mine, other] = await Promise.all([store(url, ann), store(url, ann)]);
  return { url, mine, other };
}

/** The next of a store's `locks` pushes that says this. */
function said<N extends keyof Push<"locks">>(of: Store, what: N): Promise<Push<"locks">[N]> {
  return new Promise((resolve) => {
    const stop = of.on("locks", (push) => {
      if (push[what] === undefined) return;
      stop();
      resolve(push[what]);
    });
  });
}

test("locks keep the writes of others off, and their grants rise; whoever holds them writes", async () => {
  const { mine, other } = await two();
  const { fence } = await mine.lock(["a", "b"]);
  await mine.put("a", "1");
  const refused = await rejectionOf(other.put("b", "2"));
  expect(refused).toMatchObject({ code: "locked", holder: { key: "b", mode: "exclusive", user: "ann" } });
  expect(await other.put("b", "2", { fence })).toMatchObject({ revision: 2 });
  expect(await mine.lock(["a"], { mode: "shared" })).toEqual({ fence });
  await mine.unlock(["a", "b"]);
  expect(await rejectionOf(other.put("b", "3", { fence }))).toMatchObject({ code: "stale_fence" });
  const next = await other.lock(["b"]);
  expect(next.fence).toBeGreaterThan(fence);
});

test("those who wait are served in their order, and hold nothing up that was asked behind them", async () => {
  const { mine, other } = await two();
  await mine.lock(["a"]);
  const waits = said(other, "waiting");
  const order: string[] = [];
  const write = other.put("a", "theirs", { waitMs: 20_000 }).then(() => order.push("write"));
  expect(await waits).toMatchObject({ keys: ["a"], mode: "exclusive", behind: ["ann"] });
  const granted = said(other, "granted");
  const lock = other.lock(["a"], { waitMs: 20_000 }).then(() => order.push("lock"));
  expect(await other.get("a")).toBeNull();
  await mine.put("a", "mine");
  await mine.unlock(["a"]);
  await Promise.all([write, lock]);
  expect(order).toEqual(["write", "lock"]);
  expect(await granted).toMatchObject({ keys: ["a"], mode: "exclusive" });
  expect(await mine.history("a")).toMatchObject({ changes: [{ value: "theirs" }, { value: "mine" }] });
});

test("a wait ends when it is over, or when its keys are unlocked; one that would never end is refused", async () => {
  const { mine, other } = await two();
  await mine.lock(["a"]);
  expect(await rejectionOf(other.lock(["a"], { waitMs: 5 }))).toMatchObject({
    code: "locked",
    holder: { user: "ann" },
  });
  await other.lock(["b"]);
  const waits = said(other, "waiting");
  const cancelled = rejectionOf(other.lock(["a"], { waitMs: 20_000 }));
  await waits;
  expect(await rejectionOf(mine.lock(["b"], { waitMs: 20_000 }))).toMatchObject({ code: "conflict" });
  await other.unlock(["a"]);
  expect((await cancelled).message).toMatch(/\.$/);
  expect(await mine.locks()).toMatchObject({
    holders: [
      { key: "a", mine: true },
      { key: "b", mine: false },
    ],
    waiters: [],
  });
});

test("what a read or a write needs it can keep, for a while", async () => {
  const { mine, other } = await two();
  const { fence = 0 } = await mine.read(["a"], { hold: true });
  const written = await other.write({ puts: [{ key: "b", value: "1" }] }, { hold: true });
  expect(written.fence).toBeGreaterThan(fence);
  const kinds = (await mine.locks()).holders.map(({ key, mode }) => [key, mode]);
  expect(kinds).toEqual([
    ["a", "shared"],
    ["b", "exclusive"],
  ]);
  const lost = said(mine, "lost");
  await mine.read(["c"], { hold: true, leaseMs: 5 });
  expect(await lost).toEqual({ keys: ["c"], reason: "lease", message: "its lease was over." });
});

test("how a room's locks stand is told to whoever follows it, also after a reconnect", async () => {
  const server = await serve();
  const proxy = await FaultProxy.open(server.url);
  closing(() => proxy.close());
  const [mine, manager] = await Promise.all([store(server.url, ann), store(proxy.url, max)]);
  await server.promote("max");
  expect(await rejectionOf(mine.room("max").followLocks(() => undefined))).toMatchObject({ code: "forbidden" });
  const lists: LockList[] = [];
  let wake = (): void => undefined;
  const until = async (holds: (list: LockList) => boolean): Promise<void> => {
    while (!lists.some(holds)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    lists.length = 0;
  };
  const stop = await manager.room("ann").followLocks((list) => {
    lists.push(list);
    wake();
  });
  await until(({ holders }) => holders.length === 0);
  await mine.lock(["a"]);
  await until(({ holders }) => holders[0]?.key === "a");
  proxy.cut();
  await until(({ holders }) => holders[0]?.key === "a");
  await mine.unlock(["a"]);
  await until(({ holders }) => holders.length === 0);
  stop();
  await manager.ping();
  await mine.lock(["b"]);
  await manager.ping();
  expect(lists).toEqual([]);
});

test("a write that waits keeps its place when its connection breaks", async () => {
  const { url } = await serve();
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  const [mine, far, third] = await Promise.all([store(url, ann), store(proxy.url, ann), store(url, ann)]);
  await mine.lock(["a"]);
  const waits = said(far, "waiting");
  const first = far.put("a", "first", { waitMs: 50_000 });
  await waits;
  const behind = said(third, "waiting");
  const second = third.put("a", "second", { waitMs: 50_000 });
  await behind;
  const back = new Promise((resolve) => far.on("session", resolve));
  proxy.cut();
  expect(await back).toMatchObject({ resumed: true });
  await far.ping();
  expect((await mine.locks()).waiters).toHaveLength(2);
  await mine.unlock(["a"]);
  expect([(await first).revision, (await second).revision]).toEqual([1, 2]);
});

test("a value goes by itself after its time, by system, unless that was moved", async () => {
  const { mine, other } = await two();
  const watch = other.watch();
  const gone = new Promise((resolve) => {
    watch.on("event", (event) => {
      if (event.kind === "change" && event.deletes.length > 0) resolve(event);
    });
  });
  await mine.put("kept", "v", { ttlMs: 600_000 });
  expect(await mine.touch("kept", null)).toEqual({ existed: true, expiresAt: null });
  expect(await mine.touch("none", 5)).toMatchObject({ existed: false });
  await mine.put("a", "v", { ttlMs: 5 });
  expect(await gone).toMatchObject({ by: "system", deletes: ["a"], position: { revision: 3 } });
  expect(await mine.get("kept")).not.toHaveProperty("expiresAt");
});

test("an ephemeral key goes when its session is over", async () => {
  const { mine, other } = await two();
  await mine.put("a", "here", { ephemeral: true });
  expect(await other.get("a")).toMatchObject({ ephemeral: true });
  const watch = other.watch({ key: "a" });
  const gone = new Promise((resolve) => {
    watch.on("event", (event) => {
      if (event.kind === "change" && event.deletes.length > 0) resolve(event);
    });
  });
  await mine.logout();
  expect(await gone).toMatchObject({ by: "system", deletes: ["a"] });
});

test("a key can be read as it was, and a change taken back where nobody has changed it since", async () => {
  const { mine } = await two();
  await mine.put("a", "1");
  await mine.write({
    puts: [
      { key: "a", value: "2" },
      { key: "b", value: "new" },
    ],
  });
  expect(await mine.get("a", { revision: 1 })).toMatchObject({ value: "1" });
  expect(await mine.get("b", { revision: 1 })).toBeNull();
  expect(await mine.undo(2)).toEqual({ revision: 3 });
  expect(await mine.read(["a", "b"])).toMatchObject({ entries: [{ value: "1", revision: 3 }] });
  expect(await rejectionOf(mine.undo(2))).toMatchObject({ code: "conflict" });
  expect(await rejectionOf(mine.undo(9))).toMatchObject({ code: "future_position" });
});
