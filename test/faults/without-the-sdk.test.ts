/** The code of docs/without-the-sdk.md, as it stands there, through lines that are cut and a server that is replaced. */
import { readFileSync } from "node:fs";
import { describe, expect, jest, test } from "@jest/globals";
import { greeting, scriptedServer } from "../support/mute-server.ts";
import { type PageStore, pageClient, runPageExample } from "../support/page-client.ts";
import { FaultProxy } from "../support/proxy.ts";
import { freshSeed, seededRandom } from "../support/random.ts";
import { openPage, Told } from "../support/resilient.ts";
import { starter } from "../support/start.ts";

const { serve, store, closing } = starter();
const ann = { user: "ann", password: "secret" };
const seed = freshSeed();
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

async function proxyTo(url: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.open(url);
  closing(() => proxy.close());
  return proxy;
}

const load = await pageClient();

/** As the page opens it, but quicker to come back. */
function open(url: string, auth: object = ann): PageStore {
  const page = load(url, auth, { forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50 });
  closing(() => page.socket.disconnect());
  return page;
}

function nextSession({ socket }: PageStore): Promise<{ readonly resumed: boolean; readonly client: string }> {
  return new Promise((resolve) => socket.once("session", resolve));
}

test.each([
  ["WebSocket", ["websocket"]],
  ["polling", ["polling"]],
  ["polling that becomes WebSocket", ["polling", "websocket"]],
] as const)(
  `over %s, cut at any time: each write runs once, each change is told once, seed ${seed}`,
  async (_name, transports) => {
    const random = seededRandom(seed);
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const [writer, follower] = [await openPage(proxy.url, transports), await openPage(proxy.url, transports)];
    closing(() => [writer, follower].map((client) => client.close()));
    const told = follower.follow();
    await told.reached(0);
    const writes: Promise<number>[] = [];
    const write = (count: number): void => {
      for (const _ of upTo(count)) writes.push(writer.put(`k${writes.length % 3}`, String(writes.length)));
    };
    const witness = await store(url, ann);
    const revision = async (): Promise<number> => (await witness.list({ limit: 1 })).position.revision;
    for (let cut = 0; cut < 4; cut++) {
      write(1 + random.int(20));
      await Promise.all(writes);
      const before = await revision();
      proxy.hold(cut === 0 ? "answers" : random.pick(["answers", "requests"]));
      write(1 + random.int(20));
      // Some have run, and nobody was told. (In the midst of an upgrade nothing is sent without answers.)
      if (cut === 0 && transports.length === 1) while ((await revision()) === before);
      proxy.cut();
      write(random.int(20));
    }
    expect(await Promise.all(writes)).toEqual(upTo(writes.length));
    await told.reached(writes.length);
    expect(told.revisions).toEqual(upTo(writes.length));
    expect(told.entries).toEqual((await witness.list()).entries);
  },
  30_000,
);

test.each(["upgrading", "upgrade"] as const)(
  "cut at each “%s” between polling and WebSocket: each write runs once, each change is told once",
  async (moment) => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const mine = open(proxy.url);
    const told = new Told();
    mine.watch({}, (event) => event.end === undefined && told.take({ gap: false, ...event }));
    const writes: Promise<unknown>[] = [];
    const write = (): void => {
      for (const i of upTo(10)) writes.push(mine.request("put", { key: `k${i}`, value: String(writes.length) }));
    };
    let cuts = 0;
    const settled = new Promise<void>((resolve) => {
      mine.socket.io.on("open", () => {
        mine.socket.io.engine.once(moment, () => {
          write();
          if (cuts++ < 3) proxy.cut();
          else resolve();
          write();
        });
      });
    });
    write();
    await settled;
    const answers = await Promise.all(writes);
    expect(answers.map((answer) => Reflect.get(Object(answer), "revision"))).toEqual(upTo(writes.length));
    await told.reached(writes.length);
    const begun = told.words[0]?.position.revision ?? -1;
    expect(told.revisions).toEqual(upTo(writes.length).slice(begun));
  },
);

describe("where a write's fate", () => {
  test("is known to a new server no more, it is unknown; what was not sent yet goes out", async () => {
    const first = await serve();
    const proxy = await proxyTo(first.url);
    const mine = open(proxy.url);
    await mine.request("put", { key: "n", value: "0" });
    proxy.hold("answers");
    const sent = mine.request("put", { key: "n", value: "1" }).catch((error: unknown) => error);
    const read = mine.request("get", { key: "n" });
    const second = await serve();
    proxy.leadTo(second.url);
    const lost = new Promise((resolve) => mine.socket.once("disconnect", resolve));
    proxy.cut();
    await lost;
    const unsent = mine.request("put", { key: "m", value: "2" });
    expect(await sent).toEqual({ code: "unknown_outcome", op: expect.stringMatching(/^[\w-]{22}:2$/) });
    // The new server does not know it either, and says so.
    expect(await mine.request("status", { op: Reflect.get(Object(await sent), "op") })).toEqual({ state: "unknown" });
    expect(await read).toBeNull();
    expect(await unsent).toEqual({ revision: 1, version: 1 });
  });

  test("is still known, `status` tells it to whoever lost patience, and keeps what it says", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const mine = open(proxy.url);
    await mine.request("put", { key: "n", value: "0" });
    const impatient = async (value: string): Promise<unknown> => {
      const refused = mine.request("put", { key: "n", value }, 20).catch((error: unknown) => error);
      expect(await refused).toEqual({ code: "unknown_outcome", op: expect.any(String) });
      return Reflect.get(Object(await refused), "op");
    };
    proxy.hold("answers");
    const ran = await impatient("1");
    proxy.resume();
    expect(await mine.request("status", { op: ran })).toEqual({ state: "committed", revision: 2 });
    proxy.hold("requests");
    const lost = await impatient("2");
    proxy.cut();
    expect(await mine.request("status", { op: lost })).toEqual({ state: "never" });
    expect(await mine.request("get", { key: "n" })).toMatchObject({ value: "1", version: 2 });
  });

  test("was never in doubt, it is a timeout: what could not be sent, and what only reads", async () => {
    const { url } = await serve();
    const proxy = await proxyTo(url);
    const mine = open(proxy.url);
    proxy.hold("requests");
    const refusals = ["put", "get"].map((name) =>
      mine.request(name, { key: "n", ...(name === "put" ? { value: "1" } : {}) }, 20).catch((error: unknown) => error),
    );
    expect(await Promise.all(refusals)).toEqual([{ code: "timeout" }, { code: "timeout" }]);
    proxy.resume();
    expect(await mine.request("get", { key: "n" })).toBeNull();
  });
});

test("a new process goes on from a saved position; a position of another life is a gap", async () => {
  const first = await serve();
  const writer = await store(first.url, ann);
  await writer.put("a", "1");
  const { position } = await writer.list();
  await writer.put("b", "2");
  const resumed = new Told();
  open(first.url).watch({}, (event) => event.end === undefined && resumed.take({ gap: false, ...event }), position);
  await resumed.reached(2);
  expect(resumed.revisions).toEqual([2]);
  const second = await serve();
  const gapped = new Told();
  open(second.url).watch({}, (event) => event.end === undefined && gapped.take({ gap: false, ...event }), position);
  await gapped.reached(0);
  expect(gapped.words).toMatchObject([{ gap: true, reset: true, puts: [] }]);
});

test("a snapshot that comes in pages, and is cut off between them, is told once and whole", async () => {
  const { url } = await serve();
  const proxy = await proxyTo(url);
  const writer = await store(url, ann);
  for (const i of upTo(8)) await writer.put(`k${i}`, String(i).padEnd(500_000, "."));
  const mine = open(proxy.url);
  await nextSession(mine);
  const told = new Told();
  const cut = new Promise<void>((resolve) =>
    mine.socket.once("start", () => {
      proxy.cut();
      resolve();
    }),
  );
  mine.watch({}, (event) => event.end === undefined && told.take({ gap: false, ...event }));
  await cut;
  await told.reached(8);
  await writer.put("last", "");
  await told.reached(9);
  expect(told.words.map(({ reset, puts }) => [reset, puts.length])).toEqual([
    [true, 8],
    [false, 1],
  ]);
});

test("a gap in the midst of a connection, in pages, is told once and whole", async () => {
  const position = (revision: number) => ({ epoch: "e", revision, tag: 1 });
  const entry = (key: string) => ({ key, value: "", revision: 1, version: 1, updatedAt: 0, updatedBy: "ann" });
  const server = await scriptedServer(
    greeting((socket) =>
      socket.on("watch", (_question, acknowledge) => {
        const gap = { watch: "w", room: "ann", position: position(9), gap: true };
        acknowledge({ ok: true, value: { watch: "w", position: position(1), snapshot: [entry("a")] } });
        socket.emit("start", { ...gap, snapshot: [entry("b")], more: true });
        socket.emit("start", { ...gap, snapshot: [entry("c")] });
      }),
    ),
  );
  closing(() => server.close());
  const told = new Told();
  open(server.url).watch({}, (event) => event.end === undefined && told.take({ gap: false, ...event }));
  await told.reached(9);
  expect(told.words.map(({ gap, puts }) => [gap, puts.map(({ key }) => key)])).toEqual([
    [false, ["a"]],
    [true, ["b", "c"]],
  ]);
});

test("a room that is none of ours ends with the reason", async () => {
  const server = await serve();
  await store(server.url, { user: "bob", password: "secret" });
  const mine = open(server.url);
  const end = new Promise((resolve) => mine.watch({ room: "bob" }, resolve));
  expect(await end).toEqual({ end: expect.stringMatching(/manager/) });
});

test("a refusal that may pass is tried again", async () => {
  let connections = 0;
  const data = { code: "unavailable", message: "The server is closing.", retryable: true };
  const server = await scriptedServer((io) => {
    io.use((_socket, next) => next(connections++ === 0 ? Object.assign(new Error("closing"), { data }) : undefined));
    greeting()(io);
  });
  closing(() => server.close());
  await nextSession(open(server.url));
  expect(connections).toBe(2);
});

test("what Socket.IO has kept while the line was dead is sent once, in its turn", async () => {
  const received: string[] = [];
  const script = greeting(
    (socket) =>
      socket.on("put", ({ key }, acknowledge) => {
        received.push(key);
        // The first answer is what the dead line swallowed.
        if (received.length > 1) acknowledge({ ok: true, value: { revision: 1, version: 1 } });
      }),
    { resumed: true },
  );
  const server = await scriptedServer(script);
  closing(() => server.close());
  const mine = open(server.url);
  await nextSession(mine);
  const first = mine.request("put", { key: "first", value: "" });
  while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  // Before each packet Socket.IO compares the wall clock with the time of the last ping.
  const now = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
  const second = mine.request("put", { key: "second", value: "" });
  now.mockRestore();
  await Promise.all([first, second]);
  expect(received).toEqual(["first", "first", "second"]);
});

test("the page's example does what it says, and the README leads there", async () => {
  const { url } = await serve();
  const printed: unknown[] = [];
  await runPageExample(
    (_url, auth) => open(url, auth),
    (...words) => printed.push(...words),
  );
  expect(printed).toEqual([{ revision: 1, version: 1 }]);
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain("(docs/without-the-sdk.md)");
});
