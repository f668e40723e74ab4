import { expect, test } from "@jest/globals";
import { DEFAULT_LIMITS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const ann = { user: "ann", password: "secret" };
const CLIENT_ID = /^[A-Za-z0-9_-]{22}$/;

test("the first word says who the client is and what holds here", async () => {
  const { url } = await serve({ limits: { roomKeys: 7 }, graceMs: 1234 });
  expect(await plain(url, ann).session()).toEqual({
    user: "ann",
    role: "guest",
    room: "ann",
    token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    client: expect.stringMatching(CLIENT_ID),
    resumed: false,
    graceMs: 1234,
    durability: "memory",
    accounts: "password",
    protocol: PROTOCOL_VERSION,
    limits: { ...FIXED_LIMITS, ...DEFAULT_LIMITS, roomKeys: 7 },
  });
});

test("a client without a name becomes a guest of its own, and comes back by its token", async () => {
  const { url } = await serve();
  const first = plain(url);
  const session = await first.session();
  expect(session.user).toMatch(/^guest-[0-9a-f]{8}$/);
  await first.value("put", { key: "city", value: "Kolkata" });
  const again = plain(url, { token: session.token });
  expect(await again.session()).toMatchObject({ user: session.user, resumed: false, token: session.token });
  expect(await again.value("get", { key: "city" })).toMatchObject({ value: "Kolkata" });
  expect((await plain(url).session()).user).not.toBe(session.user);
});

test("each connect is a new session, unless the client sends its id back", async () => {
  const { url } = await serve();
  const first = plain(url, ann);
  const { token, client } = await first.session();
  first.socket.disconnect();
  expect(await plain(url, { token }).session()).toMatchObject({ resumed: false });
  expect(await plain(url, { token, client }).session()).toMatchObject({ resumed: true, client, user: "ann" });
  expect(await plain(url, { ...ann, client }).session()).toMatchObject({ resumed: true, client });
});

test("the client id of another user, or one that nobody issued, gives a new session", async () => {
  const { url } = await serve();
  const { client } = await plain(url, ann).session();
  const bob = plain(url, { user: "bob", password: "secret", client });
  const session = await bob.session();
  expect(session).toMatchObject({ user: "bob", resumed: false });
  expect(session.client).not.toBe(client);
  const made = await plain(url, { ...ann, client: "A".repeat(22) }).session();
  expect(made).toMatchObject({ resumed: false, client: expect.not.stringMatching("A".repeat(22)) });
});

test("a session that was away longer than its grace is not resumed", async () => {
  const { url } = await serve({ graceMs: 0 });
  const first = plain(url, ann);
  const { token, client } = await first.session();
  first.socket.disconnect();
  let again = await plain(url, { token, client }).session();
  // The server learns of the first connection's end when it learns of it; the one after that is certain.
  while (again.resumed) {
    const next = plain(url, { token, client });
    again = await next.session();
    next.socket.disconnect();
  }
  expect(again.client).not.toBe(client);
});

test("a newer connection takes over: the older is told and cut before the newer's first request runs", async () => {
  const { url } = await serve();
  const older = plain(url, ann, { reconnection: false });
  const { token, client } = await older.session();
  const cut = older.events.next("disconnect");
  const newer = plain(url, { token, client });
  await newer.session();
  const answered = newer.value("put", { key: "who", value: "newer" });
  older.socket.emit("put", { key: "who", value: "older" }, () => undefined);
  expect(await cut).toBe("transport close");
  expect(await older.events.next("bye")).toMatchObject({ code: "conflict", retryable: false });
  await answered;
  expect(await newer.value("get", { key: "who" })).toMatchObject({ value: "newer", version: 1 });
});

test("after a takeover the older connection's end does not end the session", async () => {
  const { url } = await serve({ graceMs: 0 });
  const older = plain(url, ann, { reconnection: false });
  const { token, client } = await older.session();
  const newer = plain(url, { token, client });
  expect(await newer.session()).toMatchObject({ resumed: true });
  await older.events.next("disconnect");
  await newer.value("put", { key: "a", value: "1", op: `${client}:1` });
  expect(await newer.value("status", { op: `${client}:1` })).toEqual({ state: "committed", revision: 1 });
});

test("after logout the token is worthless, and the answer comes before the end", async () => {
  const { url } = await serve();
  const caller = plain(url, ann, { reconnection: false });
  const { token } = await caller.session();
  const sibling = plain(url, { token }, { reconnection: false });
  await sibling.session();
  const elsewhere = plain(url, ann);
  await elsewhere.session();

  expect(await caller.value("logout", {})).toEqual({});
  expect(await caller.events.next("disconnect")).toBe("transport close");
  expect(await sibling.events.next("bye")).toMatchObject({ code: "unauthenticated", retryable: false });
  expect(await sibling.events.next("disconnect")).toBe("transport close");
  expect(await plain(url, { token }).refusal()).toMatchObject({ code: "unauthenticated", retryable: false });
  // Another token of the same user is as good as before.
  expect(await elsewhere.value("get", { key: "a" })).toBeNull();
});

test("a session that logged out cannot be resumed by another token", async () => {
  const { url } = await serve();
  const caller = plain(url, ann, { reconnection: false });
  const { client } = await caller.session();
  await caller.value("logout");
  expect(await plain(url, { ...ann, client }).session()).toMatchObject({ resumed: false });
});

test("what was sent behind a logout is not run", async () => {
  const { url } = await serve();
  const client = plain(url, ann, { reconnection: false });
  await client.session();
  const left = client.value("logout");
  const late = [1, 2, 3].map((i) => client.socket.emit("put", { key: `k${i}`, value: "late" }, () => undefined));
  expect(late).toHaveLength(3);
  await left;
  await client.events.next("disconnect");
  const again = plain(url, ann);
  await again.session();
  expect(await again.value("list")).toMatchObject({ entries: [] });
});
