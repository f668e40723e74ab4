import { expect, test } from "@jest/globals";
import type { RunningServer } from "../../server/server.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();

/** A connection of a user, and what it needs to come back. */
async function connect(server: RunningServer, auth: Record<string, unknown>) {
  const client = plain(server.url, auth);
  const { token, client: id } = await client.session();
  return Object.assign(client, { auth: { token, client: id } });
}

const signIn = (server: RunningServer, user: string) => connect(server, { user, password: "secret" });

async function manager(server: RunningServer, user: string) {
  const client = await signIn(server, user);
  await server.promote(user);
  return client;
}

/** The next of the pushes about locks. */
const nextNews = (client: PlainClient) => client.events.next("locks");

test("a lock keeps another session off, also of the same user; a write with its fence counts as the holder's", async () => {
  const server = await serve();
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  const { fence } = (await one.value("lock", { keys: ["a"], mode: "exclusive" })) as { fence: number };
  expect(await two.error("put", { key: "a", value: "1" })).toMatchObject({
    code: "locked",
    retryable: true,
    message: expect.stringMatching(/^The key "a" is locked by ann \(exclusive, for .+ now\)\. /),
    holder: { key: "a", mode: "exclusive", user: "ann", since: expect.any(Number) },
  });
  expect(await two.value("put", { key: "a", value: "1", fence })).toEqual({ revision: 1, version: 1 });
  expect(await two.error("put", { key: "a", value: "2", fence: fence + 1 })).toMatchObject({ code: "stale_fence" });
  expect(await one.value("put", { key: "a", value: "2" })).toEqual({ revision: 2, version: 2 });
  expect(await one.value("unlock", { keys: ["a"] })).toEqual({});
  expect(await two.error("put", { key: "a", value: "3", fence })).toMatchObject({ code: "stale_fence" });
});

test("who waits is told behind whom, and then that he is served; what he asks meanwhile is answered", async () => {
  const server = await serve();
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  const waiting = two.value("lock", { keys: ["a", "b"], mode: "shared", waitMs: 60_000 });
  expect(await nextNews(two)).toEqual({ room: "ann", waiting: { keys: ["a", "b"], mode: "shared", behind: ["ann"] } });
  expect(await two.value("get", { key: "a" })).toBeNull();
  await one.value("unlock", { keys: ["a"] });
  const { fence } = (await waiting) as { fence: number };
  expect(await nextNews(two)).toEqual({ room: "ann", granted: { keys: ["a", "b"], mode: "shared", fence } });
});

test("a wait ends with its time, by an unlock, or at once where it would close a circle", async () => {
  const server = await serve();
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  await two.value("lock", { keys: ["b"], mode: "exclusive" });
  expect(await two.error("lock", { keys: ["a"], mode: "shared", waitMs: 1 })).toMatchObject({ code: "locked" });
  const waiting = two.error("lock", { keys: ["a"], mode: "shared", waitMs: 60_000 });
  await nextNews(two);
  expect(await one.error("lock", { keys: ["b"], mode: "shared", waitMs: 60_000 })).toMatchObject({
    code: "conflict",
    message: expect.stringContaining("would never end"),
  });
  expect(await two.value("unlock", { keys: ["a"] })).toEqual({});
  expect(await waiting).toMatchObject({ code: "conflict", message: expect.stringContaining("given up") });
});

test("the lock and what waits outlive a connection, and are given up when the session's grace is over", async () => {
  const server = await serve({ graceMs: 300 });
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  one.socket.disconnect();
  expect(await two.error("lock", { keys: ["a"], mode: "exclusive" })).toMatchObject({ code: "locked" });
  const back = await connect(server, one.auth);
  expect(await back.value("put", { key: "a", value: "1" })).toMatchObject({ revision: 1 });
  const waiting = two.value("lock", { keys: ["a"], mode: "exclusive", waitMs: 60_000 });
  await nextNews(two);
  back.socket.disconnect();
  expect(await waiting).toEqual({ fence: expect.any(Number) });
});

test("a lock that waits when the connection is lost keeps its place by its operation id", async () => {
  const server = await serve();
  const [one, two, three] = [await signIn(server, "ann"), await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  const asked = { keys: ["a"], mode: "exclusive", waitMs: 60_000, op: `${two.auth.client}:1` };
  two.socket.emit("lock", asked, () => undefined);
  await nextNews(two);
  let threeIsServed = false;
  const third = three.value("lock", { keys: ["a"], mode: "exclusive", waitMs: 60_000 }).then((value) => {
    threeIsServed = true;
    return value;
  });
  await nextNews(three);
  two.socket.disconnect();
  const back = await connect(server, two.auth);
  const again = back.value("lock", asked);
  await back.value("get", { key: "a" });
  await one.value("unlock", { keys: ["a"] });
  expect(await again).toEqual({ fence: expect.any(Number) });
  expect(threeIsServed).toBe(false);
  await back.value("unlock", { keys: ["a"] });
  await third;
});

test("whoever is demoted loses his locks and waits in the rooms of others, and keeps his own", async () => {
  const server = await serve();
  const ann = await signIn(server, "ann");
  const max = await manager(server, "max");
  await manager(server, "root");
  await max.value("lock", { keys: ["a"], mode: "exclusive", room: "ann" });
  await max.value("lock", { keys: ["m"], mode: "exclusive" });
  await ann.value("lock", { keys: ["b"], mode: "exclusive" });
  const waiting = max.error("lock", { keys: ["b"], mode: "shared", room: "ann", waitMs: 60_000 });
  await nextNews(max);
  await server.demote("max");
  expect(await waiting).toMatchObject({ code: "forbidden" });
  expect(await nextNews(max)).toEqual({
    room: "ann",
    lost: { keys: ["a"], reason: "revoked", message: expect.any(String) },
  });
  expect(await ann.value("put", { key: "a", value: "1" })).toMatchObject({ revision: 1 });
  expect(await max.value("locks")).toMatchObject({ holders: [{ key: "m", mine: true }] });
});

test("whoever follows a room's locks is told how they stand; guests only of their own", async () => {
  const server = await serve();
  const ann = await signIn(server, "ann");
  const max = await manager(server, "max");
  await manager(server, "root");
  expect(await max.value("locks", { room: "ann", follow: true })).toEqual({ holders: [], waiters: [], more: false });
  const { fence } = (await ann.value("lock", { keys: ["a"], mode: "shared" })) as { fence: number };
  const held = { key: "a", mode: "shared", user: "ann", since: expect.any(Number), fence };
  expect(await nextNews(max)).toEqual({
    room: "ann",
    list: { holders: [{ ...held, mine: false }], waiters: [], more: false },
  });
  expect(await ann.value("locks", {})).toMatchObject({ holders: [{ ...held, mine: true }] });
  expect(await ann.error("locks", { room: "max" })).toMatchObject({ code: "forbidden" });
  expect(await max.error("locks", { room: "nobody" })).toMatchObject({ code: "not_found" });
  await server.demote("max");
  await ann.value("unlock", { keys: ["a"] });
  await max.events.first("role");
  expect(await max.value("locks", { follow: true })).toEqual({ holders: [], waiters: [], more: false });
  await max.value("lock", { keys: ["m"], mode: "shared" });
  // The next word is of his own room: none came of ann's.
  expect(await nextNews(max)).toMatchObject({ room: "max", list: { holders: [{ key: "m" }] } });
});

test("what may wait for locks cannot be part of a batch; what does not is run in its place", async () => {
  const server = await serve();
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  const requests = [
    ["put", { key: "a", value: "1" }],
    ["put", { key: "b", value: "1", waitMs: 5 }],
    ["lock", { keys: ["b"], mode: "shared" }],
    ["put", { key: "b", value: "1" }],
    ["unlock", { keys: ["b"] }],
  ];
  expect(await two.value("batch", { batch: 1, requests })).toMatchObject({
    answers: [
      { error: { code: "locked" } },
      { error: { code: "unsupported" } },
      { error: { code: "unsupported" } },
      { ok: true, value: { revision: 1 } },
      { ok: true, value: {} },
    ],
  });
});

test("values go when their time is over or with their session; a touch and the past are there for all", async () => {
  const server = await serve({ graceMs: 50 });
  const ann = await signIn(server, "ann");
  const guest = await signIn(server, "ann");
  await ann.value("watch", {});
  await ann.value("put", { key: "short", value: "1", ttlMs: 1 });
  expect(await ann.events.next("changes")).toMatchObject({ changes: [{ puts: [{ expiresAt: expect.any(Number) }] }] });
  expect(await ann.events.next("changes")).toMatchObject({ changes: [{ by: "system", deletes: ["short"] }] });
  expect(await ann.value("get", { key: "short", revision: 1 })).toMatchObject({ value: "1" });
  expect(await ann.error("get", { key: "short", revision: 9 })).toMatchObject({ code: "future_position" });
  expect(await ann.value("undo", { revision: 2 })).toEqual({ revision: 3 });
  expect(await ann.value("touch", { key: "short", ttlMs: 60_000 })).toEqual({
    existed: true,
    expiresAt: expect.any(Number),
  });
  await ann.events.next("changes");
  await guest.value("put", { key: "here", value: "1", ephemeral: true });
  await ann.events.next("changes");
  guest.socket.disconnect();
  expect(await ann.events.next("changes")).toMatchObject({ changes: [{ by: "system", deletes: ["here"] }] });
});

test("what waits when the server closes is told so, and does not hold it up", async () => {
  const server = await serve();
  const [one, two] = [await signIn(server, "ann"), await signIn(server, "ann")];
  await one.value("lock", { keys: ["a"], mode: "exclusive" });
  const waiting = two.error("lock", { keys: ["a"], mode: "exclusive", waitMs: 60_000 });
  await nextNews(two);
  const began = performance.now();
  await server.close();
  expect(await waiting).toMatchObject({ code: "unavailable" });
  expect(performance.now() - began).toBeLessThan(2_000);
});
