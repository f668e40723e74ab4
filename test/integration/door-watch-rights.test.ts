import { expect, test } from "@jest/globals";
import type { RunningServer } from "../../server/server.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { PlainWatch } from "../support/plain-watch.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();

async function signIn(server: RunningServer, auth: Record<string, unknown>): Promise<PlainClient> {
  const client = plain(server.url, auth, { reconnection: false });
  await client.session();
  return client;
}

/** A manager who watches Ann's room, all rooms and his own; and Ann. */
async function setUp() {
  const server = await serve();
  const boss = plain(server.url, { user: "boss", password: "secret" }, { reconnection: false });
  const { token } = await boss.session();
  await server.promote("boss");
  const ann = await signIn(server, { user: "ann", password: "secret" });
  const [one] = await PlainWatch.open(boss, { room: "ann" });
  const [all] = await PlainWatch.open(boss, { room: "*" });
  const [own] = await PlainWatch.open(boss);
  await all.until(({ words }) => words.length === 3);
  const put = (client: PlainClient, key: string): Promise<unknown> => client.value("put", { key, value: key });
  return { all, ann, boss, one, own, put, server, token };
}

test("a demoted manager gets nothing more of others' rooms, a word that says so, and his own room's changes", async () => {
  const { all, ann, boss, one, own, put, server } = await setUp();
  await put(ann, "before");
  await one.reached(1);
  // Writes that are under way while he is demoted: some come before, none behind.
  const writes = Array.from({ length: 50 }, (_, i) => put(ann, `k${i}`));
  await server.demote("boss");
  await Promise.all([...writes, put(ann, "after")]);
  expect(await boss.events.next("role")).toEqual({ role: "manager" });
  const next = await boss.events.first("role", "disconnect");
  if (next.name === "role") {
    expect(next.payload).toEqual({ role: "guest" });
    await put(boss, "mine");
    await own.reached(1);
    const lost = "You are no manager any more.";
    expect([one.words.at(-1), all.words.at(-1)]).toEqual([`end ann ${lost}`, `end * ${lost}`]);
  }
  expect(JSON.stringify([one.pushes, all.pushes])).not.toContain("after");
  expect(await ann.value("watchers")).toEqual({ watchers: [] });
});

test("frames that wait for a demoted manager are dropped with his connection", async () => {
  const { ann, boss, one, put, server } = await setUp();
  await put(ann, "before");
  await one.reached(1);
  // He reads nothing more, so that much waits for him.
  const gone = boss.events.next("disconnect");
  const raw = Reflect.get(boss.socket.io.engine.transport, "ws") as { pause(): void; resume(): void };
  raw.pause();
  for (let i = 0; i < 30; i++) await ann.value("put", { key: `secret${i}`, value: "x".repeat(1_000_000) });
  const seen = one.mirror.revisions.length;
  await server.demote("boss");
  raw.resume();
  expect(await gone).toMatch(/transport/);
  // What the system's buffers held already can't be called back; the rest never comes.
  expect(one.mirror.revisions.length - seen).toBeLessThan(30);
  expect(one.words.at(-1)).not.toMatch(/^end/);
});

test("logout ends it: nothing comes behind the answer, on no connection of that token", async () => {
  const { all, ann, boss, one, put, server, token } = await setUp();
  const other = await signIn(server, { token });
  const [elsewhere] = await PlainWatch.open(other, { room: "ann" });
  const writes = Array.from({ length: 50 }, (_, i) => put(ann, `k${i}`));
  let counts: number[] = [];
  const count = (): number[] => [one, all].map(({ words }) => words.length);
  boss.socket.emit("logout", {}, () => {
    counts = count();
  });
  await Promise.all([boss.events.next("disconnect"), other.events.next("disconnect")]);
  const behind = elsewhere.words.length;
  await Promise.all(writes);
  await put(ann, "after");
  expect(count()).toEqual(counts);
  expect(elsewhere.words).toHaveLength(behind);
});

test("a connection that is taken over gets nothing behind its goodbye", async () => {
  const { ann, server, put } = await setUp();
  const first = plain(server.url, { user: "boss", password: "secret" }, { reconnection: false });
  const { token, client } = await first.session();
  const [watch] = await PlainWatch.open(first, { room: "ann" });
  const words: string[] = [];
  first.socket.onAny((name: string) => void words.push(name));
  const writes = Array.from({ length: 50 }, (_, i) => put(ann, `k${i}`));
  const second = await signIn(server, { token, client });
  await first.events.next("disconnect");
  await Promise.all(writes);
  expect(words.slice(words.indexOf("bye"))).toEqual(["bye"]);
  expect(watch.mirror.revisions.length).toBeLessThanOrEqual(50);
  expect(await second.value("get", { key: "k0", room: "ann" })).not.toBeNull();
});
