/** What is the WebSocket's own in the text door: frames, paths, pages, and connections that break without a word. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { type ClientOptions, WebSocket } from "ws";
import { NAMELESS_MS } from "../../server/dialects/text-connection.ts";
import { PING_MS } from "../../server/dialects/web-sockets.ts";
import { openWsText } from "../../server/dialects/ws-text.ts";
import type { ServerOptions } from "../../server/server.ts";
import { openOnStoppedClock } from "../support/dialect-door.ts";
import { WEBSOCKET_HEADERS } from "../support/http.ts";
import { starter } from "../support/start.ts";
import { talkOf, WsClient } from "../support/text-clients.ts";

const { closing, serve } = starter();
const WRONG = "wrong message format";

async function serveWs(options: ServerOptions = {}): Promise<number> {
  const { doors } = await serve({ upgrade: "open", doors: { "ws-text": 0 }, ...options });
  return doors[0]?.port ?? 0;
}

async function client(port: number, options: ClientOptions = {}): Promise<WsClient> {
  const opened = await WsClient.open(port, options);
  closing(() => opened.cut());
  return opened;
}

async function stopped() {
  const opened = await openOnStoppedClock(openWsText);
  closing(() => opened.door.close());
  return { ...opened, client: (options?: ClientOptions) => client(opened.door.port, options) };
}

/** The status of the answer to a request for a WebSocket: 101 when it is granted. */
async function statusOf(url: string, options: ClientOptions = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, options);
  closing(() => socket.terminate());
  socket.on("error", () => undefined);
  const refused = once(socket, "unexpected-response").then((args) => (args[1] as IncomingMessage).statusCode);
  return Promise.race([refused, once(socket, "open").then(() => 101)]);
}

describe("frames", () => {
  test("empty ones and binary ones are no commands; all answers are text, without a newline", async () => {
    const who = await client(await serveWs());
    who.say("ann");
    who.say("");
    who.socket.send(Buffer.from("get a"));
    who.say("put a b\n");
    who.say("get a");
    who.say("put a b\nget a");
    const heard: string[] = [];
    for (let i = 0; i < 6; i++) heard.push(await who.hears(""));
    expect(heard).toEqual(["success", WRONG, WRONG, "done", "b", WRONG]);
  });

  test("in any number at once are answered one after the other", async () => {
    const who = await client(await serveWs());
    who.say("ann");
    for (let i = 0; i < 1_000; i++) who.say(i % 2 === 0 ? `put k ${i}` : "get k");
    const heard: string[] = [];
    for (let i = 0; i <= 1_000; i++) heard.push(await who.hears(""));
    expect(heard).toEqual(["success", ...Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? "done" : `${i - 1}`))]);
  });

  test("may be as long as the largest put; a longer one ends the connection, and frees the name", async () => {
    const port = await serveWs();
    const who = await client(port);
    const value = "x".repeat(2 ** 20);
    expect(
      await talkOf(who, [
        ["ann", "success"],
        [`put ${"k".repeat(512)} ${value}`, "done"],
        [`put a ${value}x`, "The value is too long: at most 1048576 bytes of UTF-8."],
      ]),
    ).toMatchObject([{}, [{}, "done"], [{}, "The value is too long: at most 1048576 bytes of UTF-8."]]);
    const next = await client(port);
    who.say("x".repeat(2 ** 20 + 1_000));
    await who.closed;
    expect(await talkOf(next, [["ann", "success"]])).toEqual([["ann", "success"]]);
  });

  test("that are none end the connection and nothing else", async () => {
    const { client, door, freed, log } = await stopped();
    const who = await client();
    await talkOf(who, [["ann", "success"]]);
    const socket: unknown = Reflect.get(who.socket, "_socket");
    (socket as { write(bytes: Buffer): void }).write(Buffer.from("this is no frame at all"));
    await freed("ann");
    const raw = connect(door.port, "127.0.0.1");
    raw.on("error", () => undefined);
    raw.end("neither is this\r\n\r\n");
    raw.resume();
    await once(raw, "close");
    expect(await talkOf(await client(), [["ann", "success"]])).toEqual([["ann", "success"]]);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

/** A client that has come in by hand and says goodbye to nobody. */
async function rude(port: number): Promise<Socket> {
  const line = connect(port, "127.0.0.1");
  closing(() => line.destroy());
  const headers = Object.entries({ Host: `127.0.0.1:${port}`, ...WEBSOCKET_HEADERS });
  line.write(`GET / HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  await once(line, "data");
  return line;
}

test("a connection that has gone wrong frees its name before it has said goodbye", async () => {
  const { client, door } = await stopped();
  const line = await rude(door.port);
  // A masked text frame, the mask being zero; then one with a length of its own that is reserved for others.
  line.write(Buffer.concat([Buffer.of(0x81, 0x83, 0, 0, 0, 0), Buffer.from("ann")]));
  await once(line, "data");
  const next = await client();
  expect(await talkOf(next, [["ann", "duplicate user name"]])).toEqual([["ann", "duplicate user name"]]);
  line.write(Buffer.of(0xff, 0xff, 0xff));
  await once(line, "data");
  expect(await talkOf(next, [["ann", "success"]])).toEqual([["ann", "success"]]);
});

describe("the door", () => {
  test("has one path; others are not found, and whoever wants no WebSocket is told so", async () => {
    const port = await serveWs();
    const statuses = await Promise.all(
      ["/", "/?a=b", "/ws", "/socket.io/", "//"].map((path) => statusOf(`ws://127.0.0.1:${port}${path}`)),
    );
    expect(statuses).toEqual([101, 101, 404, 404, 404]);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(426);
    expect((await fetch(`http://127.0.0.1:${port}/index.html`)).status).toBe(404);
  });

  test("is closed to pages of other origins, and open to those that are allowed and to whoever is no browser", async () => {
    const port = await serveWs({ origins: ["https://app.example"] });
    const url = `ws://127.0.0.1:${port}/`;
    expect(await statusOf(url, { origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(url, { origin: "null" })).toBe(403);
    expect(await statusOf(url, { origin: "https://app.example" })).toBe(101);
    expect(await statusOf(url, { origin: `http://127.0.0.1:${port}` })).toBe(101);
    expect(await statusOf(url)).toBe(101);
  });
});

describe("other peers", () => {
  test("one that is there answers pings; one that broke without a word frees its name at the second", async () => {
    const { client, clock, freed } = await stopped();
    const there = await client();
    const gone = await client({ autoPong: false });
    await talkOf(there, [["ann", "success"]]);
    await talkOf(gone, [["bob", "success"]]);
    for (let round = 0; round < 2; round++) {
      const asked = [once(there.socket, "ping"), ...(round === 0 ? [once(gone.socket, "ping")] : [])];
      clock.advance(PING_MS);
      await Promise.all(asked);
      // Its pong is there before this is answered.
      expect(await talkOf(there, [["get a", "key not found"]])).toEqual([["get a", "key not found"]]);
    }
    await freed("bob");
    await gone.closed;
    expect(await talkOf(await client(), [["ann", "duplicate user name"]])).toEqual([["ann", "duplicate user name"]]);
  });

  test("one that never says a name is closed after a minute", async () => {
    const { client, clock } = await stopped();
    const silent = await client();
    const [code] = await Promise.all([once(silent.socket, "close"), clock.advance(NAMELESS_MS)]);
    expect(code[0]).toBe(1000);
  });

  test("one that says goodbye, or ends its half, frees its name", async () => {
    const { client, freed } = await stopped();
    const [polite, abrupt] = [await client(), await client()];
    await talkOf(polite, [["ann", "success"]]);
    await talkOf(abrupt, [["bob", "success"]]);
    polite.socket.close();
    const socket: unknown = Reflect.get(abrupt.socket, "_socket");
    (socket as { end(): void }).end();
    await Promise.all([freed("ann"), freed("bob")]);
  });

  test("one that does not read is not read from, and others feel nothing", async () => {
    const { client, clock, freed } = await stopped();
    const slow = await client();
    const value = "x".repeat(1_000_000);
    await talkOf(slow, [
      ["ann", "success"],
      [`put big ${value}`, "done"],
    ]);
    slow.socket.pause();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 30; i++) slow.say(`get big${" ".repeat(1_000_000)}`);
    const who = await client();
    await talkOf(who, [["bob", "success"]]);
    const talk = Array.from({ length: 500 }, (_, i) => [`put k v${i}`, "done"] as const);
    expect(await talkOf(who, talk)).toEqual(talk);
    expect(slow.socket.bufferedAmount).toBeGreaterThan(10_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    // It does not see pings, either.
    for (let round = 0; round < 2; round++) {
      const asked = once(who.socket, "ping");
      clock.advance(PING_MS);
      await asked;
      await talkOf(who, [["get k", "v499"]]);
    }
    await freed("ann");
  });
});
