import { describe, expect, test } from "@jest/globals";
import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { Store, Watch, WatchState } from "../../client/sdk/types.ts";
import type { Entry } from "../../protocol/fields.ts";
import { startServer } from "../../server/server.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { FaultProxy } from "../support/proxy.ts";
import { freshSeed, seededRandom } from "../support/random.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };
const seed = freshSeed();
const boss = { user: "boss", password: "secret" };

async function proxyTo(url: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  return proxy;
}

/** What a consumer holds who only folds, and what it was told. */
class Consumer {
  readonly events: WatchEvent[] = [];
  readonly states: WatchState[] = [];
  readonly rooms = new Map<string, Map<string, Entry>>();
  #wake: () => void = () => undefined;

  constructor(watch: Watch) {
    watch.on("event", (event) => this.#take(event));
    watch.on("state", (state) => {
      this.states.push(state);
      this.#wake();
    });
  }

  get revisions(): number[] {
    return this.events.flatMap((event) => (event.kind === "change" ? [event.position.revision] : []));
  }

  values(room: string): Record<string, string> {
    const entries = [...(this.rooms.get(room) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when it was told of this revision. */
  reached(revision: number, room = "ann"): Promise<void> {
    return this.until(() => {
      const last = this.events.findLast((event) => event.room === room);
      return last !== undefined && last.kind !== "end" && last.position.revision >= revision;
    });
  }

  #take(event: WatchEvent): void {
    this.events.push(event);
    const room = this.rooms.get(event.room) ?? new Map<string, Entry>();
    this.rooms.set(event.room, room);
    if (event.kind === "end") this.rooms.delete(event.room);
    else {
      if (event.reset) room.clear();
      for (const entry of event.puts) room.set(entry.key, entry);
      for (const key of event.deletes) room.delete(key);
    }
    this.#wake();
  }
}

async function valuesOf(of: Store): Promise<Record<string, string>> {
  const { entries } = await of.list();
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test.each(["websocket", "polling"] as const)(
  `over %s, cut at any time while others write: one sequence, seed ${seed}`,
  async (transport) => {
    const random = seededRandom(seed);
    const server = await serve();
    const proxy = await proxyTo(server.url);
    const writer = await store(server.url, ann);
    const watch = (await store(proxy.url, { ...ann, transports: [transport] })).watch();
    const consumer = new Consumer(watch);
    await consumer.reached(0);
    let written = 0;
    const write = async (count: number): Promise<void> => {
      await Promise.all(upTo(count).map((i) => writer.put(`k${i % 3}`, String(++written))));
    };
    for (let cut = 0; cut < 4; cut++) {
      await write(random.int(20));
      if (random.int(2) === 0) proxy.hold("answers");
      await write(random.int(20));
      proxy.cut();
      await write(random.int(20));
      await consumer.until(() => watch.state === "live");
      await write(1);
      await consumer.reached(written);
    }
    expect(consumer.revisions).toEqual(upTo(written));
    expect(consumer.values("ann")).toEqual(await valuesOf(writer));
    expect(consumer.events.map(({ kind }) => kind)).not.toContain("gap");
    // A poll that is cut between two requests is not even noticed.
    expect(consumer.states.join()).toMatch(/^live(,resuming,live)+$/);
  },
);

test("a cut before the first change, and two cuts at once, lose nothing", async () => {
  const server = await serve();
  const proxy = await proxyTo(server.url);
  const writer = await store(server.url, ann);
  const watch = (await store(proxy.url, ann)).watch({ prefix: "k" });
  const consumer = new Consumer(watch);
  await consumer.reached(0);
  proxy.cut();
  await writer.put("other", "1");
  await writer.put("k", "1");
  await consumer.until(() => watch.state === "resuming");
  proxy.cut();
  await consumer.reached(2);
  expect(consumer.revisions).toEqual([2]);
});

describe("a server that was restarted", () => {
  test("is a gap with what differs: whoever only folds still ends right", async () => {
    const first = await startServer({ port: 0, managerPassphrase: "open sesame" });
    const proxy = await proxyTo(first.url);
    const mine = await store(proxy.url, ann);
    for (const key of ["same", "changed", "gone"]) await mine.put(key, "old");
    const consumer = new Consumer(mine.watch());
    const filtered = new Consumer(mine.watch({ key: "gone" }));
    await consumer.reached(3);
    await filtered.reached(3);
    await first.close();
    const second = await serve({ managerPassphrase: "open sesame" });
    proxy.leadTo(second.url);
    const writer = await store(second.url, ann);
    for (const [key, value] of Object.entries({ same: "old", changed: "new", born: "new" }))
      await writer.put(key, value);
    const gapped = ({ events }: Consumer) => events.some(({ kind }) => kind === "gap");
    await consumer.until(() => gapped(consumer));
    await filtered.until(() => gapped(filtered));
    await writer.put("after", "1");
    await consumer.until(() => consumer.values("ann")["after"] === "1");
    expect(consumer.values("ann")).toEqual(await valuesOf(writer));
    expect(consumer.events.find(({ kind }) => kind === "gap")).toMatchObject({ reset: false, deletes: ["gone"] });
    expect(filtered.values("ann")).toEqual({});
    expect(consumer.states.join()).toMatch(/^live,resuming,gap,live/);
  }, 30_000);
});

test("a saved position is where another store goes on, also of all rooms", async () => {
  const server = await serve();
  const writer = await store(server.url, ann);
  const first = await store(server.url, boss);
  await server.promote("boss");
  await writer.put("a", "1");
  const [one, all] = [first.room("ann").watch(), first.room("*").watch()];
  const consumers = [new Consumer(one), new Consumer(all)];
  for (const consumer of consumers) await consumer.reached(1);
  await consumers[1]?.reached(0, "boss");
  const saved = JSON.parse(JSON.stringify([one.position, all.position]));
  first.close();
  await writer.put("b", "2");
  const second = await store(server.url, boss);
  const again = [second.room("ann").watch({ from: saved[0] }), second.room("*").watch({ from: saved[1] })];
  for (const consumer of again.map((watch) => new Consumer(watch))) {
    await consumer.reached(2);
    expect(consumer.events.filter(({ room }) => room === "ann")).toMatchObject([
      { kind: "change", puts: [{ key: "b" }] },
    ]);
  }
});

test("all rooms, through a cut in which one goes and one is born", async () => {
  const server = await serve({ accounts: "name", upgrade: "open" });
  const proxy = await proxyTo(server.url);
  const manager = await store(proxy.url, { user: "boss" });
  await manager.upgrade();
  const bob = await store(server.url, { user: "bob" });
  await bob.put("a", "1");
  const watch = manager.room("*").watch();
  const consumer = new Consumer(watch);
  await consumer.reached(1, "bob");
  proxy.hold("answers");
  const cleo = await store(server.url, { user: "cleo" });
  await cleo.put("c", "1");
  await bob.logout();
  proxy.cut();
  await consumer.reached(1, "cleo");
  await consumer.until(() => !consumer.rooms.has("bob"));
  await cleo.put("c", "2");
  await consumer.reached(2, "cleo");
  expect([...consumer.rooms.keys()].toSorted()).toEqual(["boss", "cleo"]);
  expect(consumer.values("cleo")).toEqual({ c: "2" });
  expect(Object.keys(watch.position ?? {}).toSorted()).toEqual(["boss", "cleo"]);
});

test("whoever iterates slowly is paused, and goes on without loss", async () => {
  const server = await serve();
  const writer = await store(server.url, ann);
  const watch = (await store(server.url, ann)).watch();
  const MANY = 12_000;
  for (let at = 0; at < MANY; at += 2_000) {
    await Promise.all(upTo(2_000).map((i) => writer.put(`k${i % 10}`, String(at + i))));
  }
  const revisions: number[] = [];
  for await (const event of watch) {
    if (event.kind !== "change") continue;
    revisions.push(event.position.revision);
    if (event.position.revision === MANY) break;
  }
  const first = revisions[0] ?? 0;
  expect(revisions).toEqual(upTo(MANY).slice(first - 1));
  expect(watch.state).toBe("closed");
}, 60_000);

test("two handles of one question each get everything; one that is closed leaves the other", async () => {
  const server = await serve();
  const mine = await store(server.url, ann);
  const watches = [mine.watch(), mine.watch()] as const;
  const consumers = watches.map((watch) => new Consumer(watch));
  for (const consumer of consumers) await consumer.reached(0);
  await mine.put("a", "1");
  for (const consumer of consumers) await consumer.reached(1);
  watches[0].close();
  await mine.put("b", "2");
  await consumers[1]?.reached(2);
  expect(consumers.map(({ revisions }) => revisions)).toEqual([[1], [1, 2]]);
});

test("opened while there is no connection, it begins when there is one", async () => {
  const server = await serve();
  const proxy = await proxyTo(server.url);
  const mine = await store(proxy.url, ann);
  const away = new Promise<void>((resolve) => mine.on("state", (state) => state === "reconnecting" && resolve()));
  proxy.cut();
  await away;
  const watch = mine.watch();
  expect(watch.state).toBe("connecting");
  const consumer = new Consumer(watch);
  await consumer.reached(0);
  await consumer.until(() => watch.state === "live");
  // Each failed attempt to connect may be told meanwhile.
  expect(consumer.states.filter((state) => state !== "connecting")).toEqual(["live"]);
});

test("a forbidden room, and one that nobody has, end the iteration with the refusal", async () => {
  const server = await serve();
  const [guest, manager] = [await store(server.url, ann), await store(server.url, boss)];
  await server.promote("boss");
  const first = (watch: Watch): Promise<unknown> => watch[Symbol.asyncIterator]().next();
  expect(await rejectionOf(first(guest.room("boss").watch()))).toMatchObject({ code: "forbidden" });
  expect(await rejectionOf(first(guest.room("*").watch()))).toMatchObject({ code: "forbidden" });
  expect(await rejectionOf(first(manager.room("nobody").watch()))).toMatchObject({ code: "not_found" });
  // The store goes on.
  expect(await guest.put("a", "1")).toMatchObject({ revision: 1 });
});

test("a manager who is demoted while he is away is refused when he comes back", async () => {
  const server = await serve();
  const proxy = await proxyTo(server.url);
  const manager = await store(proxy.url, boss);
  await server.promote("boss");
  const owner = await store(server.url, ann);
  const watch = manager.room("ann").watch();
  const events = watch[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ kind: "snapshot" });
  proxy.hold("answers");
  await owner.put("secret", "1");
  await server.demote("boss");
  proxy.cut();
  expect(await rejectionOf(events.next())).toMatchObject({ code: "forbidden" });
  expect(watch.state).toBe("closed");
});

test("a manager who is demoted while he watches is told so by each of his watches; his own goes on", async () => {
  const server = await serve();
  const manager = await store(server.url, boss);
  await server.promote("boss");
  await store(server.url, ann);
  const lost = [manager.room("ann").watch(), manager.room("*").watch(), manager.room("ann").watch({ key: "a" })];
  const own = new Consumer(manager.watch());
  const iterations = lost.map((watch) => watch[Symbol.asyncIterator]());
  for (const events of iterations) if (events !== iterations[2]) await events.next();
  await own.reached(0, "boss");
  await server.demote("boss");
  for (const events of iterations) {
    const last = async (): Promise<unknown> => {
      for (;;) if ((await events.next()).done === true) throw new Error("It ended plainly.");
    };
    expect(await rejectionOf(last())).toMatchObject({ code: "forbidden", message: "You are no manager any more." });
  }
  await manager.put("a", "1");
  await own.reached(1, "boss");
});

test("a store that is closed ends its watches with its reason; nothing is left that keeps the process alive", async () => {
  const server = await serve();
  const mine = await store(server.url, ann);
  const watch = mine.watch();
  const events = watch[Symbol.asyncIterator]();
  await events.next();
  const next = rejectionOf(events.next());
  mine.close();
  expect(await next).toMatchObject({ code: "invalid", message: expect.stringMatching(/closed/) });
  expect(watch.state).toBe("closed");
});
