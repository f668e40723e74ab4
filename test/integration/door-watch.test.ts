import { describe, expect, test } from "@jest/globals";
import type { Input } from "../../protocol/inputs.ts";
import type { RunningServer } from "../../server/server.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { PlainWatch } from "../support/plain-watch.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();

async function signIn(server: RunningServer, user = "ann", options = {}): Promise<PlainClient> {
  const client = plain(server.url, { user, password: "secret" }, options);
  await client.session();
  return client;
}

/** A manager, beside the users of these names. */
async function staff(server: RunningServer, ...users: readonly string[]): Promise<PlainClient[]> {
  const boss = await signIn(server, "boss");
  const others = [];
  for (const user of users) others.push(await signIn(server, user));
  await server.promote("boss");
  await boss.events.next("role");
  return [boss, ...others];
}

const put = (client: PlainClient, key: string, value = "v"): Promise<unknown> => client.value("put", { key, value });

test.each([
  ["websocket", ["websocket"]],
  ["polling", ["polling"]],
  ["the upgrade between them", ["polling", "websocket"]],
])("over %s: the answer, then every change once and in order", async (_how, transports) => {
  const server = await serve();
  const [writer, reader] = [await signIn(server), await signIn(server, "ann", { transports })];
  await put(writer, "a");
  const writes = Array.from({ length: 100 }, (_, i) => put(writer, `k${i % 5}`, String(i)));
  const [watch] = await PlainWatch.open(reader);
  await watch.reached(101);
  await Promise.all(writes);
  await put(writer, "last");
  await watch.reached(102);
  expect(watch.words[0]).toBe("answer");
  expect(Object.keys(watch.mirror.values)).toEqual(["a", "k0", "k1", "k2", "k3", "k4", "last"]);
  expect(watch.mirror.values).toMatchObject({ k0: "95", k4: "99" });
  const [{ after, revisions } = { after: 0, revisions: [] }] = watch.mirror.segments;
  expect(revisions).toEqual(Array.from({ length: 102 - after }, (_, i) => after + 1 + i));
});

test("what is written in one turn travels in fewer pushes than it has commits", async () => {
  const server = await serve();
  const [writer, reader] = [await signIn(server), await signIn(server)];
  const [watch] = await PlainWatch.open(reader);
  await Promise.all(Array.from({ length: 200 }, (_, i) => put(writer, "n", String(i))));
  await watch.reached(200);
  expect(watch.pushes.length).toBeLessThan(100);
});

test("several keys of one commit are one change, and a filter carries only its own", async () => {
  const server = await serve({ upgrade: "off" });
  const [boss, ann] = (await staff(server, "ann")) as [PlainClient, PlainClient];
  const [all] = await PlainWatch.open(boss, { room: "*", prefix: "ci" });
  await all.until(({ words }) => words.length === 3);
  await put(ann, "other", "hidden");
  await put(ann, "city", "Kolkata");
  await ann.value("delete", { key: "other" });
  await ann.value("delete", { key: "city" });
  await all.reached(4, "ann");
  expect(all.mirrors.get("ann")?.revisions).toEqual([2, 4]);
  expect(JSON.stringify(all.pushes)).not.toMatch(/hidden|other/);
});

test("from a position it goes on behind it; from one that is trimmed or unknown there is a gap", async () => {
  const server = await serve({ limits: { logRecords: 3 } });
  const ann = await signIn(server);
  for (let i = 0; i < 3; i++) await put(ann, `k${i}`);
  const [first, { position }] = await PlainWatch.open(ann);
  await put(ann, "k3");
  await first.reached(4);
  const from = position as NonNullable<typeof position>;
  const [resumed] = await PlainWatch.open(await signIn(server), { from });
  expect(resumed.mirror.revisions).toEqual([4]);
  for (let i = 0; i < 3; i++) await put(ann, `k${i}`, "new");
  for (const unknown of [from, { ...from, revision: 7, tag: from.tag - 1 }, { ...from, epoch: "another" }]) {
    const [gap, answer] = await PlainWatch.open(await signIn(server), { from: unknown });
    expect(answer).toMatchObject({ gap: true, position: { revision: 7 } });
    expect(gap.mirror.values).toEqual({ k0: "new", k1: "new", k2: "new", k3: "v" });
  }
  const future = ann.error("watch", { from: { ...from, revision: 8 }, key: "a" });
  expect(await future).toMatchObject({ code: "future_position", retryable: false });
});

test.each<[string, Input<"watch">, string]>([
  ["another's room", { room: "bob" }, "forbidden"],
  ["all rooms", { room: "*" }, "forbidden"],
  ["a key and a prefix", { key: "a", prefix: "a" }, "invalid"],
  ["copy 0", { copy: 0 }, "invalid"],
  ["a position that is none", { from: { epoch: "e" } as never }, "invalid"],
])("a guest who asks for %s is refused", async (_what, input, code) => {
  const server = await serve();
  const [ann] = [await signIn(server), await signIn(server, "bob")];
  expect(await ann.error("watch", input)).toMatchObject({ code, retryable: false });
});

test("above a page it comes in pages, all before the first change", async () => {
  const server = await serve();
  const ann = await signIn(server);
  for (let i = 0; i < 5; i++) await put(ann, `k${i}`, "x".repeat(600_000));
  const reader = await signIn(server);
  const opening = PlainWatch.open(reader);
  const [watch] = await opening;
  await put(ann, "k0", "small");
  await watch.reached(6);
  expect(watch.words).toEqual(["answer", ...Array(4).fill("start ann"), "changes ann"]);
  expect(Object.values(watch.mirror.values).map(({ length }) => length)).toEqual([5, ...Array(4).fill(600_000)]);
});

test("after unwatch nothing more comes; another watch of the connection goes on", async () => {
  const server = await serve();
  const ann = await signIn(server);
  const [ended, other] = [(await PlainWatch.open(ann))[0], (await PlainWatch.open(ann, { copy: 1 }))[0]];
  expect(await ann.value("unwatch", { watch: ended.id })).toEqual({});
  await put(ann, "a");
  await other.reached(1);
  expect(ended.words).toEqual(["answer"]);
  expect(await ann.value("unwatch", { watch: "unknown" })).toEqual({});
});

test("all rooms: those there are, those born later, the end of those that go", async () => {
  const server = await serve({ accounts: "name", upgrade: "open" });
  const boss = await signIn(server, "boss");
  await boss.value("upgrade");
  const ann = await signIn(server, "ann");
  await put(ann, "a");
  const [watch] = await PlainWatch.open(boss, { room: "*" });
  await watch.until(({ words }) => words.length === 3);
  const bob = await signIn(server, "bob");
  await put(bob, "b");
  await watch.reached(1, "bob");
  await ann.value("logout");
  await watch.until(({ words }) => words.some((word) => word.startsWith("end")));
  expect(watch.words).toEqual([
    "answer",
    "start ann",
    "start boss",
    "start bob",
    "changes bob",
    "changes ann",
    "end ann The room was deleted.",
  ]);
  expect(watch.mirrors.get("ann")?.values).toEqual({});
});

describe("who watches", () => {
  test("is told to the owner when he asks, and then as a difference at most once a second", async () => {
    const server = await serve();
    const [boss, ann] = (await staff(server, "ann")) as [PlainClient, PlainClient];
    const began = Date.now();
    await PlainWatch.open(boss, { room: "ann", key: "a" });
    await PlainWatch.open(ann);
    const { watchers } = (await ann.value("watchers")) as { watchers: { user: string; since: number }[] };
    expect(watchers).toEqual([{ user: "boss", since: expect.any(Number) }]);
    expect(Math.abs((watchers[0]?.since ?? 0) - began)).toBeLessThan(10_000);
    boss.socket.disconnect();
    expect(await ann.events.next("watchers")).toEqual({ joined: [], left: ["boss"] });
    await PlainWatch.open(await signIn(server, "boss"), { room: "*" });
    expect(await ann.events.next("watchers")).toEqual({
      joined: [{ user: "boss", since: expect.any(Number) }],
      left: [],
    });
  });
});
