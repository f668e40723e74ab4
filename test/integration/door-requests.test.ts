import { expect, test } from "@jest/globals";
import type { RunningServer } from "../../server/server.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { PlainWatch } from "../support/plain-watch.ts";
import { starter } from "../support/start.ts";
import { PROTOTYPE_NAMES } from "../support/texts.ts";

const { serve, plain } = starter();

async function signIn(server: RunningServer, user = "ann"): Promise<PlainClient> {
  const client = plain(server.url, { user, password: "secret" });
  await client.session();
  return client;
}

async function signInManager(server: RunningServer, user = "max"): Promise<PlainClient> {
  const client = await signIn(server, user);
  await server.promote(user);
  return client;
}

test("put, get, delete, list", async () => {
  const ann = await signIn(await serve());
  expect(await ann.value("put", { key: "city", value: "Kolkata" })).toEqual({ revision: 1, version: 1 });
  expect(await ann.value("put", { key: "city", value: "Delhi", ifRevision: 1 })).toEqual({ revision: 2, version: 2 });
  const entry = { key: "city", value: "Delhi", revision: 2, version: 2, updatedBy: "ann" };
  expect(await ann.value("get", { key: "city" })).toEqual({ ...entry, updatedAt: expect.any(Number) });
  await ann.value("put", { key: "~", value: "" });
  expect(await ann.value("list", {})).toEqual({
    entries: [expect.objectContaining(entry), expect.objectContaining({ key: "~", value: "" })],
    more: false,
    position: { epoch: expect.any(String), revision: 3, tag: expect.any(Number) },
  });
  expect(await ann.value("list", { prefix: "c", limit: 1 })).toMatchObject({ entries: [entry], more: false });
  expect(await ann.value("list", { after: "city" })).toMatchObject({ entries: [{ key: "~" }] });
  expect(await ann.value("delete", { key: "city" })).toEqual({ revision: 4, existed: true });
  expect(await ann.value("delete", { key: "city" })).toEqual({ revision: null, existed: false });
  expect(await ann.value("get", { key: "city" })).toBeNull();
});

test("a request that needs nothing may come without a payload", async () => {
  const server = await serve({ upgrade: "open" });
  const ann = await signIn(server);
  expect(await ann.value("list")).toMatchObject({ entries: [] });
  expect(await ann.value("upgrade")).toEqual({ role: "manager" });
  expect(await ann.value("rooms")).toEqual({
    rooms: [{ room: "ann", keys: 0, online: true, role: "manager" }],
    more: false,
  });
  expect(await ann.error("get")).toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/"key"/),
  });
});

test("an operation id makes a write run once, and its status can be asked", async () => {
  const server = await serve();
  const ann = plain(server.url, { user: "ann", password: "secret" });
  const { client } = await ann.session();
  const put = { key: "n", value: "1", op: `${client}:1` };
  expect(await ann.value("put", put)).toEqual({ revision: 1, version: 1 });
  expect(await ann.value("put", put)).toEqual({ revision: 1, version: 1 });
  expect(await ann.value("status", { op: `${client}:1` })).toEqual({ state: "committed", revision: 1 });
  expect(await ann.value("status", { op: `${client}:2` })).toEqual({ state: "never" });
  expect(await ann.error("put", { ...put, op: `${client}:2` })).toMatchObject({ code: "invalid" });
  expect(await ann.error("put", { ...put, op: `${"A".repeat(22)}:1` })).toMatchObject({ code: "forbidden" });
});

test("a condition that does not hold is a conflict", async () => {
  const ann = await signIn(await serve());
  await ann.value("put", { key: "n", value: "1", ifRevision: 0 });
  expect(await ann.error("put", { key: "n", value: "2", ifRevision: 0 })).toMatchObject({ code: "conflict" });
  expect(await ann.error("delete", { key: "n", ifRevision: 9 })).toMatchObject({ code: "conflict", retryable: false });
});

test("several keys are written and read at once, with conditions, and watched as one change", async () => {
  const server = await serve();
  const [ann, reader] = [await signIn(server), await signIn(server)];
  const [watch] = await PlainWatch.open(reader);
  const puts = [
    { key: "from", value: "10" },
    { key: "to", value: "0" },
  ];
  expect(await ann.value("write", { puts, if: [{ key: "from", absent: true }] })).toEqual({ revision: 1 });
  expect(await ann.error("write", { puts, if: [{ key: "from", absent: true }] })).toMatchObject({
    code: "conflict",
    conflict: { condition: 0, revision: 1, version: 1 },
  });
  const move = {
    if: [{ key: "from", equals: "10" }],
    then: [{ put: "from", value: "9" }, { put: "to", value: "1" }, { get: "to" }],
    else: [{ get: "from" }],
  };
  const updated = { revision: 2, version: 2 };
  expect(await ann.value("transact", move)).toEqual({
    succeeded: true,
    revision: 2,
    results: [updated, updated, expect.objectContaining({ key: "to", value: "1" })],
  });
  expect(await ann.value("transact", move)).toMatchObject({
    succeeded: false,
    revision: null,
    results: [{ value: "9" }],
  });
  expect(await ann.value("read", { keys: ["to", "none", "from"] })).toMatchObject({
    entries: [{ value: "1" }, { value: "9" }],
    revision: 2,
  });
  await watch.reached(2);
  const keys = watch.pushes.flatMap(({ changes }) => changes.map((change) => change.puts.map(({ key }) => key)));
  expect(keys).toEqual([
    ["from", "to"],
    ["from", "to"],
  ]);
});

test("guests keep to their own room, managers reach the others", async () => {
  const server = await serve();
  const [ann, max] = await Promise.all([signIn(server), signInManager(server)]);
  await ann.value("put", { key: "city", value: "Kolkata" });
  for (const name of ["get", "delete", "put"]) {
    const payload = { key: "city", room: "max", ...(name === "put" ? { value: "x" } : {}) };
    expect(await ann.error(name, payload)).toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/guest/),
    });
  }
  expect(await ann.error("list", { room: "max" })).toMatchObject({ code: "forbidden" });
  expect(await ann.error("rooms", {})).toMatchObject({ code: "forbidden" });
  expect(await ann.error("promote", { user: "ann" })).toMatchObject({ code: "forbidden" });
  expect(await ann.error("demote", { user: "max" })).toMatchObject({ code: "forbidden" });
  expect(await ann.error("get", { key: "x", room: "nobody" })).toMatchObject({ code: "forbidden" });
  expect(await ann.value("get", { key: "city", room: "ann" })).toMatchObject({ value: "Kolkata" });

  expect(await max.value("get", { key: "city", room: "ann" })).toMatchObject({ value: "Kolkata" });
  expect(await max.value("put", { key: "city", value: "Delhi", room: "ann" })).toMatchObject({ revision: 2 });
  expect(await ann.value("get", { key: "city" })).toMatchObject({ value: "Delhi", updatedBy: "max" });
  expect(await max.error("get", { key: "x", room: "nobody" })).toMatchObject({
    code: "not_found",
    message: expect.stringMatching(/no user called nobody/),
  });
});

test("every socket of a user sees each change of his role", async () => {
  const server = await serve({ managerPassphrase: "open sesame" });
  const [first, second, max] = await Promise.all([signIn(server), signIn(server), signInManager(server)]);
  const bothSee = async (role: string): Promise<void> => {
    expect(await Promise.all([first.events.next("role"), second.events.next("role")])).toEqual([{ role }, { role }]);
  };
  expect(await first.error("upgrade", { passphrase: "guess" })).toMatchObject({ code: "forbidden" });
  expect(await first.error("upgrade", {})).toMatchObject({ code: "forbidden" });
  expect(await first.value("upgrade", { passphrase: "open sesame" })).toEqual({ role: "manager" });
  await bothSee("manager");
  expect(await max.value("demote", { user: "ann" })).toEqual({ role: "guest" });
  await bothSee("guest");
  expect(await second.error("rooms", {})).toMatchObject({ code: "forbidden" });
  expect(await max.value("promote", { user: "ann" })).toEqual({ role: "manager" });
  await bothSee("manager");
  expect(await second.value("rooms", {})).toMatchObject({ more: false });
  expect(await max.error("promote", { user: "nobody" })).toMatchObject({ code: "not_found" });
});

test("the last manager cannot be demoted, but by the operator", async () => {
  const server = await serve();
  const max = await signInManager(server);
  await max.events.next("role");
  expect(await max.error("demote", { user: "max" })).toMatchObject({ code: "forbidden" });
  await server.demote("max");
  expect(await max.events.next("role")).toEqual({ role: "guest" });
});

test("where nobody can upgrade himself, a sentence says so", async () => {
  const ann = await signIn(await serve({ upgrade: "off" }));
  expect(await ann.error("upgrade", { passphrase: "x" })).toMatchObject({ code: "forbidden" });
});

test.each([
  ["a key too long", "put", { key: "é".repeat(257), value: "" }, "too_large", /at most 512 bytes/],
  ["a value too long", "put", { key: "a", value: "v".repeat(2 ** 20 + 1) }, "too_large", /at most 1048576 bytes/],
  ["an empty key", "get", { key: "" }, "invalid", /key is empty/],
  ["a key that is no text", "get", { key: 7 }, "invalid", /"key" to be a text/],
  ["a value that is no text", "put", { key: "a", value: { x: 1 } }, "invalid", /"value" to be a text/],
  ["no value", "put", { key: "a" }, "invalid", /"value"/],
  ["half a surrogate pair", "put", { key: "a", value: "\ud83d" }, "invalid", /surrogate/],
  ["a misspelt condition", "put", { key: "a", value: "", ifRevison: 1 }, "invalid", /no field "ifRevison"/],
  ["a negative revision", "delete", { key: "a", ifRevision: -1 }, "invalid", /at least 0/],
  ["a page of nothing", "list", { limit: 0 }, "invalid", /at least 1/],
  ["a page too long", "list", { limit: 1001 }, "invalid", /at most 1000/],
  ["an operation id of no shape", "put", { key: "a", value: "", op: "1" }, "invalid", /CLIENT:COUNTER/],
  ["a room name with a space", "get", { key: "a", room: "a b" }, "invalid", /no spaces/],
  ["an unknown request", "gte", { key: "a" }, "unsupported", /no request "gte"/],
  ["a payload that is no object", "get", "a", "invalid", /takes an object/],
  ["a list for a payload", "get", ["a"], "invalid", /takes an object/],
])("%s is refused in words", async (_what, name, payload, code, message) => {
  const ann = await signIn(await serve());
  const error = await ann.error(name, payload);
  expect(error).toEqual({ code, message: expect.stringMatching(message), retryable: false });
  expect(await ann.value("list")).toMatchObject({ entries: [], position: { revision: 0 } });
});

test("two payloads are refused, and a write without an acknowledgement is not run", async () => {
  const ann = await signIn(await serve());
  expect(await ann.error("put", { key: "a", value: "1" }, { key: "b", value: "2" })).toMatchObject({ code: "invalid" });
  ann.socket.emit("put", { key: "a", value: "1" });
  expect(await ann.value("get", { key: "a" })).toBeNull();
});

test.each(["role", ...PROTOTYPE_NAMES])("%s is an ordinary key, and a user's name", async (name) => {
  const server = await serve();
  const user = await signIn(server, name);
  expect(await user.value("get", { key: name })).toBeNull();
  await user.value("put", { key: name, value: "manager" });
  expect(await user.value("get", { key: name })).toMatchObject({ key: name, value: "manager", version: 1 });
  expect(await user.error("rooms", {})).toMatchObject({ code: "forbidden" });
  expect(await user.value("delete", { key: name })).toEqual({ revision: 2, existed: true });
});
