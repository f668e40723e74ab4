import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import type { Store } from "../../client/sdk/types.ts";
import type { Push } from "../../protocol/pushes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { greeting, scriptedServer } from "../support/mute-server.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };

async function proxyTo(url: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  return proxy;
}

function nextSession(of: Store): Promise<Push<"session">> {
  return new Promise((resolve) => of.on("session", resolve));
}

/** Waits until another client sees this version of the key. */
async function seen(witness: Store, key: string, version: number): Promise<void> {
  while (((await witness.get(key))?.version ?? 0) < version);
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test.each([
  ["websocket", 50],
  // Polling sends the next message only when the one before has arrived.
  ["polling", 1],
] as const)(
  "cut over %s after writes ran: they are sent again, run once, and answered",
  async (transport, ran) => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const witness = await store(url, ann);
    const mine = await store(proxy.url, { ...ann, transports: [transport] });
    const { client } = mine.session;

    proxy.hold("answers");
    const puts = upTo(50).map((i) => mine.put("n", String(i)));
    const read = mine.get("n");
    await seen(witness, "n", ran);
    const again = nextSession(mine);
    proxy.cut();

    expect(await again).toMatchObject({ resumed: true, client });
    expect((await Promise.all(puts)).map(({ revision }) => revision)).toEqual(upTo(50));
    expect(await read).toMatchObject({ value: "50" });
    expect(await witness.get("n")).toMatchObject({ value: "50", version: 50, revision: 50 });
  },
  20_000,
);

test("cut before the writes arrived: they run in order, behind them what was asked while there was no line", async () => {
  const { url } = await serve();
  const proxy = await proxyTo(url);
  const mine = await store(proxy.url, ann);
  proxy.hold("requests");
  const sent = upTo(20).map((i) => mine.put("n", String(i)));
  const lost = new Promise((resolve) => mine.on("state", resolve));
  proxy.cut();
  expect(await lost).toBe("reconnecting");
  const unsent = upTo(20).map((i) => mine.put("n", String(20 + i)));
  const answers = await Promise.all([...sent, ...unsent]);
  expect(answers.map(({ revision }) => revision)).toEqual(upTo(40));
  expect(await mine.get("n")).toMatchObject({ value: "40", version: 40 });
  expect(mine.session.resumed).toBe(true);
}, 20_000);

test("a line that stalls and goes on loses nothing", async () => {
  const { url } = await serve();
  const proxy = await proxyTo(url);
  const mine = await store(proxy.url, ann);
  const states: string[] = [];
  mine.on("state", (state) => states.push(state));
  proxy.hold("requests");
  proxy.hold("answers");
  const puts = upTo(5).map((i) => mine.put("n", String(i)));
  proxy.resume();
  expect((await Promise.all(puts)).map(({ revision }) => revision)).toEqual(upTo(5));
  expect(states).toEqual([]);
});

test("after a restart the token leads back; sent writes are unknown, unsent ones go out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keyroom-"));
  closing(() => rm(folder, { recursive: true }));
  const accountsFile = join(folder, "accounts.json");
  const first = await serve({ accountsFile });
  const proxy = await proxyTo(first.url);
  const { token } = (await store(first.url, ann)).session;
  // Without the password: only the token can lead back.
  const mine = await store(proxy.url, { token });
  await mine.put("city", "Kolkata");

  proxy.hold("requests");
  const write = rejectionOf(mine.put("city", "Delhi"));
  const read = mine.get("city");
  const op = `${mine.session.client}:2`;
  // The first one still holds its file.
  const copy = join(folder, "copy.json");
  await copyFile(accountsFile, copy);
  const second = await serve({ accountsFile: copy });
  proxy.leadTo(second.url);
  const lost = new Promise((resolve) => mine.on("state", resolve));
  const again = nextSession(mine);
  proxy.cut();
  expect(await lost).toBe("reconnecting");
  const unsent = mine.put("country", "India");

  expect(await again).toMatchObject({ user: "ann", resumed: false, token });
  expect(mine.session.client).not.toBe(op.slice(0, 22));
  expect(await write).toMatchObject({ code: "unknown_outcome", op, retryable: false });
  // A read is safe to ask again; the keys themselves did not survive.
  expect(await read).toBeNull();
  expect(await unsent).toEqual({ revision: 1, version: 1 });
}, 20_000);

test("a server that forgot the token lets the password in", async () => {
  const first = await serve();
  const proxy = await proxyTo(first.url);
  const mine = await store(proxy.url, ann);
  const second = await serve();
  proxy.leadTo(second.url);
  const again = nextSession(mine);
  proxy.cut();
  expect(await again).toMatchObject({ user: "ann", resumed: false });
  expect(await mine.put("a", "1")).toMatchObject({ revision: 1 });
}, 20_000);

test("a server that forgot the token, and no password: closed for good, and said why", async () => {
  const first = await serve();
  const proxy = await proxyTo(first.url);
  const { token } = (await store(first.url, ann)).session;
  const mine = await store(proxy.url, { token });
  const second = await serve();
  proxy.leadTo(second.url);
  const closed = new Promise<string>((resolve) => mine.on("state", (state, why) => state === "closed" && resolve(why)));
  proxy.cut();
  const write = rejectionOf(mine.put("a", "1"));
  expect(await closed).toMatch(/token is no longer good/);
  expect((await write).code).toMatch(/^un(authenticated|known_outcome)$/);
}, 20_000);

test("a server that closes is come back to, and a bye that may be retried closes nothing", async () => {
  const first = await serve();
  const mine = await store(first.url, ann);
  const states: string[] = [];
  mine.on("state", (state) => states.push(state));
  const again = nextSession(mine);
  await first.close();
  await serve({ port: Number(new URL(first.url).port) });
  expect(await again).toMatchObject({ resumed: false });
  expect(states).toEqual(["reconnecting", "connected"]);
}, 20_000);

test("a bye says why the line goes, and how long to stay away", async () => {
  // Longer than Socket.IO's Manager would wait by itself.
  const bye = { code: "unavailable", message: "The server is closing.", retryable: true, afterMs: 2_000 };
  let connections = 0;
  const server = await scriptedServer(
    greeting((socket) => {
      if (connections++ > 0) return;
      socket.emit("bye", bye);
      socket.conn.close();
    }),
  );
  closing(() => server.close());
  const mine = await store(server.url);
  const states: (readonly string[])[] = [];
  const again = nextSession(mine);
  const lost = new Promise<number>((resolve) => {
    mine.on("state", (...news) => {
      states.push(news);
      resolve(performance.now());
    });
  });
  const since = await lost;
  await again;
  expect(performance.now() - since).toBeGreaterThan(1_990);
  expect(states.slice(0, 1)).toEqual([["reconnecting", "The server is closing."]]);
  expect(states.at(-1)?.[0]).toBe("connected");
  expect(states).toHaveLength(2);
}, 20_000);

test("a bye counts once: the next loss is told as what it is", async () => {
  let connections = 0;
  const server = await scriptedServer(
    greeting((socket) => {
      if (connections === 0) socket.emit("bye", { code: "unavailable", message: "Bye.", retryable: true, afterMs: 0 });
      if (connections++ < 2) socket.conn.close();
    }),
  );
  closing(() => server.close());
  const mine = await store(server.url);
  const reasons: string[] = [];
  await new Promise<void>((resolve) => {
    mine.on("state", (state, why) => {
      if (state === "reconnecting") reasons.push(why);
      if (reasons.length === 2) resolve();
    });
  });
  expect(reasons).toEqual(["Bye.", expect.stringMatching(/is lost \(transport close\)/)]);
}, 20_000);

test("a server that says `disconnect` is come back to as well", async () => {
  let connections = 0;
  const server = await scriptedServer(greeting((socket) => connections++ === 0 && socket.disconnect(true)));
  closing(() => server.close());
  const mine = await store(server.url);
  await nextSession(mine);
  expect(mine.state).toBe("connected");
}, 20_000);

test("after a sleep of the machine nothing is sent twice, nor before its turn", async () => {
  const received: string[] = [];
  const server = await scriptedServer(
    greeting(
      (socket) => {
        socket.on("put", (payload, acknowledge) => {
          received.push(payload.key);
          // The first is never answered: it is what a dead line swallowed.
          if (received.length > 1) acknowledge({ ok: true, value: { revision: received.length, version: 1 } });
        });
      },
      { resumed: true },
    ),
  );
  closing(() => server.close());
  const mine = await store(server.url);
  const first = mine.put("first", "");
  while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  // Socket.IO compares the time of the last ping with the wall clock before each packet.
  const now = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
  const second = mine.put("second", "");
  await new Promise((resolve) => setImmediate(resolve));
  now.mockRestore();
  await Promise.all([first, second]);
  expect(received).toEqual(["first", "first", "second"]);
}, 20_000);

test("while the server is away each attempt is counted, and none when it is back", async () => {
  const server = await serve();
  const { port } = new URL(server.url);
  const mine = await store(server.url, ann);
  const heard: (number | undefined)[] = [];
  const failedTwice = new Promise<void>((resolve) => {
    mine.on("state", () => {
      heard.push(mine.retry?.attempt);
      if (heard.length === 3) resolve();
    });
  });
  const back = nextSession(mine);
  await server.close();
  await failedTwice;
  await serve({ port: Number(port) });
  await back;
  expect(heard.slice(0, 3)).toEqual([1, 2, 3]);
  expect(heard.at(-1)).toBeUndefined();
  expect(mine.retry).toBeNull();
}, 30_000);
