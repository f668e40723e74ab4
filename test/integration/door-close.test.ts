import { connect as connectTcp } from "node:net";
import { expect, test } from "@jest/globals";
import { WEBSOCKET_HEADERS } from "../support/http.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

const { serve, plain, closing } = starter();
const ann = { user: "ann", password: "secret" };

test("closing answers what is under way, refuses what is new, says bye and closes the transport", async () => {
  const server = await serve({ managerPassphrase: "open sesame" });
  const client = plain(server.url, ann, { reconnection: false });
  await client.session();
  // After three wrong guesses the next one has to wait for half a second: a request that is under way for a while.
  for (let i = 0; i < 3; i++) await client.error("upgrade", { passphrase: "guess" });
  const slow = client.value("upgrade", { passphrase: "open sesame" });
  await client.value("list");

  const closed = server.close();
  expect(await client.error("put", { key: "a", value: "1" })).toMatchObject({ code: "unavailable", retryable: true });
  expect(await plain(server.url, ann).refusal()).toMatchObject({ code: "unavailable", retryable: true });
  expect(await slow).toEqual({ role: "manager" });
  expect(await client.events.next("bye")).toEqual({
    code: "unavailable",
    message: "The server is closing.",
    retryable: true,
    afterMs: 1000,
  });
  // After a `disconnect` packet, which would be "io server disconnect", the Manager would not try again.
  expect(await client.events.next("disconnect")).toBe("transport close");
  await closed;
});

test("a client's Manager comes back by itself, to the next server on that port", async () => {
  const server = await serve();
  const client = plain(server.url, ann, { reconnectionDelay: 10, reconnectionDelayMax: 50 });
  await client.session();
  await server.close();
  expect(await client.events.next("bye")).toMatchObject({ code: "unavailable", retryable: true });
  expect(await client.events.next("disconnect")).toBe("transport close");
  await serve({ port: Number(new URL(server.url).port) });
  const { name } = await client.events.first("session");
  expect(name).toBe("session");
});

test("closing twice is closing once", async () => {
  const server = await serve();
  expect(server.close()).toBe(server.close());
  await server.close();
});

test("a half-sent request does not hold the end up", async () => {
  const server = await serve();
  const socket = connectTcp(Number(new URL(server.url).port), "127.0.0.1");
  closing(() => socket.destroy());
  // Whether it ends by a reset does not matter.
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.write("POST /healthz HTTP/1.1\r\nHost: a\r\n", () => resolve()));
  await server.close();
  await ended;
});

const FOREIGN = { Origin: "https://elsewhere.example" };

test.each([
  ["a refused page that keeps its half of the line open", "/socket.io/?EIO=4&transport=websocket", FOREIGN],
  ["an upgrade to nowhere", "/foo", {}],
  ["a WebSocket that does not answer the goodbye", "/socket.io/?EIO=4&transport=websocket", {}],
])(
  "%s does not hold the end up",
  async (_, path, headers) => {
    const server = await serve();
    const { hostname, port, host } = new URL(server.url);
    const line = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
    closing(() => line.destroy());
    line.on("error", () => undefined);
    line.resume();
    const ended = new Promise<void>((resolve) => line.once("end", () => resolve()).once("close", () => resolve()));
    const lines = Object.entries({ Host: host, ...WEBSOCKET_HEADERS, ...headers }).map(
      ([name, is]) => `${name}: ${is}`,
    );
    await new Promise<void>((resolve) =>
      line.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, () => resolve()),
    );
    await fetch(`${server.url}/healthz`);
    await server.close();
    await ended;
  },
  10_000,
);

test("a client that polls no more leaves no timer behind that would keep the process alive", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const server = await serve();
  const proxy = await FaultProxy.open(server.url);
  const client = plain(proxy.url, ann, { transports: ["polling"], reconnection: false });
  await client.session();
  await client.value("list");
  // The goodbye goes out with the poll that waits; the next poll, with which the client would leave, never comes.
  proxy.hold("answers");
  await server.close();
  await proxy.close();
  client.socket.disconnect();
  expect(timers()).toBeLessThanOrEqual(before);
}, 10_000);

test("while it closes it says that it is not well any more", async () => {
  const server = await serve({ managerPassphrase: "open sesame" });
  const client = plain(server.url, ann);
  await client.session();
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  for (let i = 0; i < 3; i++) await client.error("upgrade", { passphrase: "guess" });
  const slow = client.value("upgrade", { passphrase: "open sesame" });
  await client.value("list");
  const closed = server.close();
  expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
  await slow;
  await closed;
});
