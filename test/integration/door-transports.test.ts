import { expect, test } from "@jest/globals";
import type { PlainClient } from "../support/plain-client.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const ann = { user: "ann", password: "secret" };

const transportOf = ({ socket }: PlainClient): string => socket.io.engine.transport.name;

test.each(["polling", "websocket"])("%s alone is enough", async (transport) => {
  const client = plain((await serve()).url, ann, { transports: [transport], upgrade: false });
  await client.session();
  expect(await client.value("put", { key: "city", value: "कोलकाता" })).toEqual({ revision: 1, version: 1 });
  expect(await client.value("get", { key: "city" })).toMatchObject({ value: "कोलकाता" });
  expect(transportOf(client)).toBe(transport);
});

test("what is asked while the transport is upgraded is answered, in order", async () => {
  const client = plain((await serve()).url, ann, { transports: ["polling", "websocket"] });
  await client.session();
  let upgraded = transportOf(client) === "websocket";
  client.socket.io.engine.once("upgrade", () => {
    upgraded = true;
  });
  let revision = 0;
  while (!upgraded) {
    const answers = await Promise.all(["a", "b", "c"].map((key) => client.value("put", { key, value: "" })));
    expect(answers).toEqual([1, 2, 3].map((n) => expect.objectContaining({ revision: revision + n })));
    revision += 3;
  }
  expect(await client.value("put", { key: "a", value: "" })).toMatchObject({ revision: revision + 1 });
  expect(transportOf(client)).toBe("websocket");
});

test.each(["polling", "websocket"])("over %s too, an end on purpose is told before it comes", async (transport) => {
  const server = await serve();
  const client = plain(server.url, ann, { transports: [transport], upgrade: false, reconnection: false });
  await client.session();
  await client.value("logout");
  await client.events.next("disconnect");
  expect(client.events.names.filter((name) => name !== "connect")).toEqual(["session", "bye", "disconnect"]);
});

test("a connection that goes on is a new one: the server replays nothing that Socket.IO kept", async () => {
  const server = await serve();
  const client = plain(server.url, ann, { reconnectionDelay: 1 });
  const { token, client: id } = await client.session();
  const pushed: unknown[][] = [];
  client.socket.onAny((...push: unknown[]) => pushed.push(push));
  await server.promote("ann");
  await client.events.next("role");
  // With recovery on, an offset would stand behind the payload.
  expect(pushed).toEqual([["role", { role: "manager" }]]);
  const before = client.socket.id;
  client.socket.auth = { token, client: id };
  client.socket.io.engine.close();
  expect(await client.session()).toMatchObject({ resumed: true });
  expect(client.socket.recovered).toBeFalsy();
  expect(client.socket.id).not.toBe(before);
});

test("says that it is well, and what it is", async () => {
  const { url } = await serve();
  const healthy = await fetch(`${url}/healthz`);
  expect([healthy.status, await healthy.json()]).toEqual([200, { status: "ok" }]);
  expect(healthy.headers.get("content-security-policy")).not.toBeNull();
  const other = await fetch(url);
  expect([other.status, await other.text()]).toEqual([404, expect.stringContaining("speaks Socket.IO")]);
});

test("two servers in one process know nothing of each other", async () => {
  const [one, two] = await Promise.all([serve(), serve()]);
  const [here, there] = [plain(one.url, ann), plain(two.url, { ...ann, password: "other" })];
  await Promise.all([here.session(), there.session()]);
  await here.value("put", { key: "city", value: "Kolkata" });
  expect(await there.value("get", { key: "city" })).toBeNull();
  await one.promote("ann");
  expect(await there.error("rooms", {})).toMatchObject({ code: "forbidden" });
  await one.close();
  expect(await there.value("list")).toMatchObject({ entries: [] });
});

test("behind a proxy, clients are told apart by the address that the proxy saw", async () => {
  const { url } = await serve({ trustProxy: true });
  const guest = async (forwarded: string): Promise<string> => {
    const client = plain(url, {}, { extraHeaders: { "X-Forwarded-For": forwarded }, reconnection: false });
    const { name } = await client.events.first("session", "connect_error");
    client.socket.disconnect();
    return name;
  };
  for (let i = 0; i < 20; i++) expect(await guest(`10.0.0.${i}, 192.0.2.1`)).toBe("session");
  expect(await guest("10.0.0.99, 192.0.2.1")).toBe("connect_error");
  expect(await guest("192.0.2.1, 192.0.2.2")).toBe("session");
});
