/**
 * Where Socket.IO's connection state recovery and its `retries` lose, repeat or lag, by experiment with 4.8: after a
 * quiet time, before the first event, with an event that ends in a string, in two quick reconnects, over a restart, and
 * with slow writes. Each through a line that is cut, with both kinds of clients.
 */
import { describe, expect, test } from "@jest/globals";
import { FaultProxy } from "../support/proxy.ts";
import { RESILIENT, type Resilient, type Told } from "../support/resilient.ts";
import { starter } from "../support/start.ts";

const { serve, store, plain, closing } = starter();
const ann = { user: "ann", password: "secret" };
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

async function proxyTo(url: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  return proxy;
}

function nextSession(client: Resilient): Promise<{ readonly resumed: boolean }> {
  return new Promise((resolve) => client.onSession(resolve));
}

describe.each(RESILIENT)("%s", (_name, open) => {
  async function client(url: string): Promise<Resilient> {
    const resilient = await open(url);
    closing(() => resilient.close());
    return resilient;
  }

  /** A client that follows its room and has had the first word. */
  async function follower(url: string, question = {}): Promise<{ mine: Resilient; told: Told }> {
    const mine = await client(url);
    const told = mine.follow(question);
    await told.reached(0);
    return { mine, told };
  }

  test("a line that was quiet, while the room moved on and the session ended, is gone on with", async () => {
    const server = await serve({ graceMs: 0 });
    const proxy = await proxyTo(server.url);
    const boss = await store(server.url, { user: "boss", password: "secret" });
    const { mine, told } = await follower(proxy.url, { prefix: "k" });
    await server.promote("boss");
    const writer = boss.room("ann");
    await Promise.all(upTo(100).map((i) => writer.put("other", String(i))));
    const again = nextSession(mine);
    proxy.cut();
    proxy.hold("requests");
    while (server.users().some(({ name, online }) => name === "ann" && online)) await writer.get("k");
    await writer.put("k", "1");
    await new Promise((resolve) => setTimeout(resolve, 2));
    proxy.resume();
    expect(await again).toMatchObject({ resumed: false });
    await writer.put("k", "2");
    await told.reached(102);
    expect(told.revisions).toEqual([101, 102]);
    expect(told.gaps).toBe(0);
  });

  test("a client that never received an event misses nothing", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const writer = await store(url, ann);
    const { told } = await follower(proxy.url);
    expect(told.words).toHaveLength(1);
    proxy.hold("answers");
    await writer.put("k", "1");
    proxy.cut();
    await writer.put("k", "2");
    await told.reached(2);
    expect(told.revisions).toEqual([1, 2]);
  });

  test("values and keys are no places in a log, whatever they look like", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const writer = await store(url, ann);
    const { mine, told } = await follower(proxy.url);
    const texts = ["", "0", "1700000000000-0", told.words[0]?.position.epoch ?? "", '["offset"]', "k\u0000"];
    for (const text of texts) await writer.put(`key${text}`, text);
    await told.reached(texts.length);
    const again = nextSession(mine);
    proxy.cut();
    await writer.put("last", "end");
    expect(await again).toMatchObject({ resumed: true });
    await told.reached(texts.length + 1);
    expect(told.revisions).toEqual(upTo(texts.length + 1));
    expect(told.entries).toEqual((await writer.list()).entries);
  });

  test("two reconnects, the second before the watch is answered: each change once", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const writer = await store(url, ann);
    const { mine, told } = await follower(proxy.url);
    await writer.put("k", "1");
    await told.reached(1);
    proxy.hold("answers");
    await writer.put("k", "2");
    // What it asks for goes out, and the answer does not come.
    mine.onSession(() => proxy.hold("answers"));
    const first = nextSession(mine);
    proxy.cut();
    await first;
    await writer.put("k", "3");
    const second = nextSession(mine);
    proxy.cut();
    await second;
    proxy.resume();
    await writer.put("k", "4");
    await told.reached(4);
    expect(told.revisions).toEqual([1, 2, 3, 4]);
    expect(told.gaps).toBe(0);
  });

  test("a restart is an explicit gap, also where the new life has reached the same revision", async () => {
    const old = await serve();
    const proxy = await proxyTo(old.url);
    const before = await store(old.url, ann);
    const { told } = await follower(proxy.url);
    for (const i of upTo(3)) await before.put(`old${i}`, String(i));
    await told.reached(3);
    const { url } = await serve();
    const after = await store(url, ann);
    for (const i of upTo(3)) await after.put(`new${i}`, String(i));
    proxy.leadTo(url);
    proxy.cut();
    await told.until(() => told.gaps > 0);
    await after.put("last", "");
    await told.until(() => told.room.has("last"));
    expect(told.gaps).toBe(1);
    expect(told.revisions).toEqual([1, 2, 3, 4]);
    expect(told.entries).toEqual((await after.list()).entries);
  });

  test("50 slow writes that are sent again: all at once, each runs once and has the first answer", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const witness = await store(url, ann);
    const mine = await client(proxy.url);
    await mine.put("n", "0");
    const answered: number[] = [];
    const put = (value: number): Promise<number> => {
      const writing = mine.put("n", String(value));
      // Where it fails, that is told below.
      void writing.then(
        (revision) => answered.push(revision),
        () => undefined,
      );
      return writing;
    };
    const version = async (): Promise<number> => (await witness.get("n"))?.version ?? 0;
    // Half of them run, but their answers are slow to come; the other half does not arrive.
    proxy.hold("answers");
    const puts = upTo(25).map(put);
    while ((await version()) < 26);
    proxy.hold("requests");
    puts.push(...upTo(25).map((i) => put(25 + i)));
    // Again they are slow, so that whoever waits for an answer before the next is sent would wait for ever.
    const again = new Promise<void>((resolve) => {
      mine.onSession(() => {
        proxy.hold("answers");
        resolve();
      });
    });
    proxy.cut();
    await again;
    while ((await version()) < 51);
    expect(answered).toEqual([]);
    proxy.resume();
    expect(await Promise.all(puts)).toEqual(upTo(50).map((i) => i + 1));
    expect(await witness.get("n")).toMatchObject({ value: "50", version: 51, revision: 51 });
  });
});

test("no push ends in a string, which Socket.IO would take for a place in its own log", async () => {
  const { url } = await serve({ accounts: "name", upgrade: "open" });
  const mine = plain(url, { user: "ann" });
  const last: unknown[] = [];
  mine.socket.onAny((...event: unknown[]) => last.push(event.at(-1)));
  await mine.session();
  await mine.value("upgrade");
  await mine.value("watch");
  await mine.value("put", { key: "k", value: "text" });
  await mine.events.next("changes");
  expect(new Set(last.map((argument) => typeof argument))).toEqual(new Set(["object"]));
});
