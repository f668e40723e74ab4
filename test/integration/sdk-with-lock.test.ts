import { expect, test } from "@jest/globals";
import type { Store } from "../../client/sdk/index.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };
const max = { user: "max", password: "secret" };

function fired(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

/** A store behind a proxy, and another of the same user that is not. */
async function behindProxy(graceMs: number): Promise<{ proxy: FaultProxy; mine: Store; other: Store; url: string }> {
  const { url } = await serve({ graceMs });
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  const [mine, other] = await Promise.all([store(proxy.url, ann), store(url, ann)]);
  return { proxy, mine, other, url };
}

test("whoever reads and writes under a lock loses no update, within one store and among several", async () => {
  const { url } = await serve();
  const stores = await Promise.all([1, 2, 3].map(() => store(url, ann)));
  const add = (of: Store) =>
    of.withLock(["n"], { waitMs: 30_000 }, async ({ fence }) => {
      const entry = await of.get("n");
      await of.put("n", String(Number(entry?.value ?? 0) + 1), { fence });
    });
  await Promise.all(stores.flatMap((each) => Array.from({ length: 8 }, () => add(each))));
  expect(await stores[0]?.get("n")).toMatchObject({ value: "24", version: 24 });
  expect(await stores[0]?.locks()).toEqual({ holders: [], waiters: [], more: false });
});

test("stores that share go together; whoever wants it alone waits for all", async () => {
  const { url } = await serve();
  const [mine, other, third] = await Promise.all([store(url, ann), store(url, ann), store(url, ann)]);
  const mode = "shared";
  let inside = 0;
  let meet = (): void => undefined;
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const share = (of: Store) =>
    of.withLock(["a"], { mode }, async () => {
      if (++inside === 3) meet();
      await met;
      inside--;
    });
  const sharing = [share(mine), share(third), share(other)];
  const alone = mine.withLock(["a"], {}, () => inside);
  await Promise.all(sharing);
  expect(await alone).toBe(0);
});

test("a manager locks in another's room, and loses that with his role", async () => {
  const server = await serve();
  const [mine, manager] = await Promise.all([store(server.url, ann), store(server.url, max)]);
  await Promise.all([server.promote("max"), mine.put("a", "1")]);
  const work = manager.room("ann").withLock(["a"], {}, async ({ signal, fence }) => {
    expect(await rejectionOf(mine.put("a", "2"))).toMatchObject({ code: "locked", holder: { user: "max" } });
    expect(await mine.put("a", "3", { fence })).toMatchObject({ revision: 2 });
    const lost = fired(signal);
    await server.demote("max");
    await lost;
  });
  expect(await rejectionOf(work)).toMatchObject({ code: "stale_fence" });
  expect(await mine.put("a", "4")).toMatchObject({ revision: 3 });
});

test("when the lease is over the signal fires, and a late write with the old fence is refused", async () => {
  const { url } = await serve();
  const [mine, other] = await Promise.all([store(url, ann), store(url, ann)]);
  const late = mine.withLock(["a"], { leaseMs: 20 }, async ({ signal, fence }) => {
    const reason = await fired(signal);
    expect(reason).toMatchObject({ code: "stale_fence", message: "The lock was lost: its lease was over." });
    await other.withLock(["a"], {}, () => other.put("a", "theirs"));
    await mine.put("a", "late", { fence });
  });
  expect(await rejectionOf(late)).toMatchObject({ code: "stale_fence" });
  expect(await mine.get("a")).toMatchObject({ value: "theirs" });
});

test("a connection that breaks within the grace loses no lock: others are kept off, and it is given up at the end", async () => {
  const { proxy, mine, other } = await behindProxy(60_000);
  await mine.withLock(["a"], {}, async ({ signal }) => {
    for (let cuts = 0; cuts < 3; cuts++) {
      const back = new Promise((resolve) => mine.on("session", resolve));
      proxy.cut();
      expect(await rejectionOf(other.put("a", "theirs"))).toMatchObject({ code: "locked" });
      expect(await back).toMatchObject({ resumed: true });
    }
    await mine.put("a", "mine");
    expect(signal.aborted).toBe(false);
  });
  expect(await other.put("a", "theirs")).toMatchObject({ version: 2 });
});

test("a lease that ends while the connection is lost is noticed when it is back", async () => {
  const { proxy, mine, other, url } = await behindProxy(60_000);
  const work = mine.withLock(["a"], { leaseMs: 300 }, async ({ signal }) => {
    const lost = fired(signal);
    proxy.leadTo("http://127.0.0.1:1");
    proxy.cut();
    await other.put("a", "theirs", { waitMs: 10_000 });
    proxy.leadTo(url);
    expect(await lost).toMatchObject({ message: expect.stringContaining("after a reconnect") });
  });
  expect(await rejectionOf(work)).toMatchObject({ code: "stale_fence" });
  expect((await other.locks()).holders).toEqual([]);
});

test("away for longer than the grace, both sides agree that the lock is lost", async () => {
  const { proxy, mine, other } = await behindProxy(100);
  const work = mine.withLock(["a"], {}, async ({ signal }) => {
    const lost = fired(signal);
    proxy.leadTo("http://127.0.0.1:1");
    proxy.cut();
    expect(await lost).toMatchObject({ code: "stale_fence" });
    await other.withLock(["a"], {}, () => other.put("a", "theirs"));
    mine.close();
  });
  expect(await rejectionOf(work)).toMatchObject({ code: "stale_fence" });
});

test("a store that is closed in the middle ends what waits, and what holds is told", async () => {
  const { url } = await serve();
  const mine = await store(url, ann);
  let waiting: Promise<unknown> = Promise.resolve();
  const work = mine.withLock(["a"], {}, ({ signal }) => {
    waiting = rejectionOf(mine.withLock(["a"], {}, () => undefined));
    const lost = fired(signal);
    mine.close();
    return lost;
  });
  expect(await rejectionOf(work)).toMatchObject({ code: "stale_fence" });
  expect(await waiting).toMatchObject({ code: "invalid", message: "The store was closed by this program." });
});
