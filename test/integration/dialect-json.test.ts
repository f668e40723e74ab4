/** The JSON door, word for word. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { type ClientOptions, WebSocket } from "ws";
import { PING_MS } from "../../server/dialects/web-sockets.ts";
import { openWsJson } from "../../server/dialects/ws-json.ts";
import type { RunningServer, ServerOptions } from "../../server/server.ts";
import { openOnStoppedClock } from "../support/dialect-door.ts";
import { ask, looked, openJson } from "../support/json-clients.ts";
import { starter } from "../support/start.ts";
import { type Talk, talkOf, type WsClient } from "../support/text-clients.ts";

const { closing, plain, serve } = starter();

const YES = '{"success":true}';
const no = (sentence: string): string => JSON.stringify({ success: false, error: sentence });
const NOTHING = no("No data found for provided keys");
const late = (key: string, seconds: number): string =>
  no(
    `The key "${key}" is locked by another connection, or one that came first waits for it, ` +
      `and was not free within ${seconds} s. Try again.`,
  );
const CIRCLE = no(
  "This wait would never end: whoever is in the way waits for what you hold. Unlock, and lock all at once.",
);

const lock = (key: string, mode: "read" | "write", timeout?: number) => ({
  command: "lock",
  keys: [key],
  mode,
  timeout,
});
const unlock = (key: string) => ({ command: "unlock", keys: [key] });
const read = (key: string, timeout?: number) => ({ command: "read", keys: [key], timeout });
const write = (key: string, value: string, timeout?: number) => ({ command: "write", keys: [key], value, timeout });

function portOf({ doors }: RunningServer): number {
  return doors[0]?.port ?? 0;
}

function serveJson(options: ServerOptions = {}): Promise<RunningServer> {
  return serve({ accounts: "name", upgrade: "open", doors: { "ws-json": 0 }, ...options });
}

async function client(port: number, options?: ClientOptions): Promise<WsClient> {
  const opened = await openJson(port, options);
  closing(() => opened.cut());
  return opened;
}

async function clients(count: number): Promise<readonly WsClient[]> {
  const port = portOf(await serveJson());
  return Promise.all(Array.from({ length: count }, () => client(port)));
}

async function stopped() {
  const opened = await openOnStoppedClock(openWsJson);
  closing(() => opened.door.close());
  return { ...opened, client: (options?: ClientOptions) => client(opened.door.port, options) };
}

async function expectTalk(who: WsClient, talk: Talk): Promise<void> {
  expect(await talkOf(who, talk)).toEqual(talk);
}

/** What is heard next, when something else has happened. */
async function hearsAfter(who: WsClient, happen: () => unknown): Promise<string> {
  const heard = who.hears("");
  await happen();
  return heard;
}

describe("commands", () => {
  test("are answered in the old words", async () => {
    const [a, b] = (await clients(2)) as [WsClient, WsClient];
    await expectTalk(a, [
      ['{"command":"read","keys":["k1","k2"],"hold_lock":false}', NOTHING],
      ['{"command":"write","keys":["k1"],"values":["v1"],"hold_lock":true}', YES],
      ['{"command":"read","keys":["k1","k2"],"hold_lock":false}', '{"success":true,"values":{"k1":"v1"}}'],
      ['{"command":"write","keys":["k2"],"value":"v2"}', YES],
      ['{"command":"read","keys":["k2","k0","k1"]}', '{"success":true,"values":{"k2":"v2","k1":"v1"}}'],
      ['{"command":"unlock","keys":["k1"]}', YES],
      ['{"command":"lock","keys":["k1"]}', YES],
      ['{"command":"lock","keys":["k1","k2"],"mode":"write","timeout":1}', YES],
      ['{"command":"lock","keys":["k1"],"mode":"write"}', YES],
      ['{"command":"unlock","keys":["k1","k2"]}', YES],
      ['{"command":"unlock","keys":["k1","nothing"]}', YES],
    ]);
    await expectTalk(b, [['{"command":"read","keys":["k1","k2"]}', '{"success":true,"values":{"k1":"v1","k2":"v2"}}']]);
  });

  test("that are none are told so, and the connection lives", async () => {
    const [who] = (await clients(1)) as [WsClient];
    await expectTalk(who, [
      ['{"command":"write","keys":["a","b"],"values":["1"]}', no("Must provide equal number of keys and values")],
      ['{"command":"delete","keys":["a"]}', no("Unknown command")],
      ["", no("The message is not JSON.")],
      ["\u0000", no("The message is not JSON.")],
      ['{"command":"read","keys":[]}', NOTHING],
      ['{"command":"lock","keys":[]}', no("No key is named. Name at least one.")],
      ['{"command":"write","keys":["a","a"],"values":["1","2"]}', no("A key is named twice. Name each key once.")],
      [
        '{"command":"write","keys":["a",""],"values":["1","2"]}',
        no("The key is empty. Give it at least one character."),
      ],
      [`{"command":"read","keys":["${"k".repeat(513)}"]}`, no("The key is too long: at most 512 bytes of UTF-8.")],
    ]);
    who.socket.send(Buffer.from('{"command":"read","keys":["a"]}'));
    expect(await who.hears("")).toBe(no("Messages are text frames, and this was a binary one."));
    // Of what was refused nothing was written.
    await expectTalk(who, [['{"command":"read","keys":["a"]}', NOTHING]]);
  });

  test("take keys like __proto__, and answer in the order of the keys", async () => {
    const [who] = (await clients(1)) as [WsClient];
    await expectTalk(who, [
      ['{"command":"write","keys":["__proto__","z","7","constructor"],"values":["1","2","3","4"]}', YES],
      [
        '{"command":"read","keys":["z","__proto__","constructor","7","toString"]}',
        '{"success":true,"values":{"z":"2","__proto__":"1","constructor":"4","7":"3"}}',
      ],
      ['{"command":"read","keys":["toString"]}', NOTHING],
    ]);
  });

  test("sent at once are answered in order, also behind one that waits", async () => {
    const [a, b] = (await clients(2)) as [WsClient, WsClient];
    await ask(a, lock("k", "write"));
    b.say(JSON.stringify(write("k", "0")));
    for (let i = 1; i <= 500; i++) b.say(JSON.stringify(i % 2 === 0 ? read("n") : write("n", `${i}`)));
    await ask(a, write("k", "first"));
    expect(await ask(a, read("n"))).toBe(NOTHING);
    await ask(a, unlock("k"));
    const heard: string[] = [];
    for (let i = 0; i <= 500; i++) heard.push(await b.hears(""));
    const expected = Array.from({ length: 501 }, (_, i) =>
      i > 0 && i % 2 === 0 ? `{"success":true,"values":{"n":"${i - 1}"}}` : YES,
    );
    expect(heard).toEqual(expected);
    expect(await ask(a, read("k"))).toBe('{"success":true,"values":{"k":"0"}}');
  });

  test("are the same however their frames are cut", async () => {
    const [who] = (await clients(1)) as [WsClient];
    const message = Buffer.from('{"command":"write","keys":["ключ"],"value":"värde 💾"}');
    for (let cut = 0; cut <= message.length; cut++) {
      who.socket.send(message.subarray(0, cut), { fin: false, binary: false });
      who.socket.send(message.subarray(cut), { fin: true });
      expect([cut, await who.hears("")]).toEqual([cut, YES]);
    }
    expect(await ask(who, read("ключ"))).toBe('{"success":true,"values":{"ключ":"värde 💾"}}');
  });
});

describe("locks", () => {
  test("keep others out: write locks from reading and writing, read locks from writing", async () => {
    const [a, b, c] = (await clients(3)) as [WsClient, WsClient, WsClient];
    await expectTalk(a, [
      [JSON.stringify(write("k", "v")), YES],
      [JSON.stringify(lock("k", "write")), YES],
      [JSON.stringify(write("k", "w")), YES],
    ]);
    await expectTalk(b, [
      [JSON.stringify(read("k", 0)), late("k", 0)],
      [JSON.stringify(write("k", "x", 0)), late("k", 0)],
      [JSON.stringify(lock("k", "read", 0)), late("k", 0)],
      // All or nothing: the other key is not written, read or locked, either.
      ['{"command":"write","keys":["free","k"],"values":["1","2"],"timeout":0}', late("k", 0)],
      ['{"command":"read","keys":["free","k"],"timeout":0}', late("k", 0)],
      ['{"command":"lock","keys":["free","k"],"mode":"write","timeout":0}', late("k", 0)],
      // Only the owner unlocks.
      [JSON.stringify(unlock("k")), YES],
      [JSON.stringify(read("k", 0)), late("k", 0)],
    ]);
    await expectTalk(c, [
      [JSON.stringify(read("free", 0)), NOTHING],
      [JSON.stringify(lock("free", "write", 0)), YES],
    ]);
    await expectTalk(a, [
      [JSON.stringify(unlock("k")), YES],
      [JSON.stringify(lock("k", "read")), YES],
    ]);
    await expectTalk(b, [
      [JSON.stringify(read("k", 0)), '{"success":true,"values":{"k":"w"}}'],
      [JSON.stringify(lock("k", "read", 0)), YES],
      [JSON.stringify(write("k", "x", 0)), late("k", 0)],
      [JSON.stringify(lock("k", "write", 0)), late("k", 0)],
    ]);
    await expectTalk(a, [[JSON.stringify(unlock("k")), YES]]);
    // The sole reader may become the writer.
    await expectTalk(b, [
      [JSON.stringify(lock("k", "write", 0)), YES],
      [JSON.stringify(write("k", "x", 0)), YES],
    ]);
  });

  test("are kept by hold_lock, and given up without it", async () => {
    const [a, b] = (await clients(2)) as [WsClient, WsClient];
    await ask(a, { ...write("k", "v"), hold_lock: true });
    expect(await ask(b, read("k", 0))).toBe(late("k", 0));
    await ask(a, unlock("k"));
    expect(await ask(b, { ...read("k", 0), hold_lock: true })).toBe('{"success":true,"values":{"k":"v"}}');
    expect(await ask(a, write("k", "w", 0))).toBe(late("k", 0));
    expect(await ask(a, read("k", 0))).toBe('{"success":true,"values":{"k":"v"}}');
    await ask(b, unlock("k"));
    expect(await ask(a, write("k", "w", 0))).toBe(YES);
    expect(await ask(b, write("k", "x", 0))).toBe(YES);
  });

  test.each([
    ["read", read("k"), '{"success":true,"values":{"k":"v"}}'],
    ["write", write("k", "w"), YES],
    ["lock", lock("k", "read"), YES],
  ])("are waited for: a %s that came meanwhile is served when they are given up", async (_name, message, answer) => {
    const [a, b, c] = (await clients(3)) as [WsClient, WsClient, WsClient];
    await ask(a, { ...write("k", "v"), hold_lock: true });
    b.say(JSON.stringify(message));
    await looked(b);
    // Whoever waits keeps nobody else waiting.
    expect(await ask(c, read("other"))).toBe(NOTHING);
    expect(await hearsAfter(b, () => ask(a, unlock("k")))).toBe(answer);
  });

  test("are given first come, first served: nobody overtakes", async () => {
    const [a, b, c, d] = (await clients(4)) as [WsClient, WsClient, WsClient, WsClient];
    await ask(a, lock("k", "read"));
    b.say(JSON.stringify(lock("k", "write")));
    await looked(b);
    expect(await ask(d, lock("k", "read", 0))).toBe(late("k", 0));
    c.say(JSON.stringify(lock("k", "read")));
    await looked(c);
    expect(await hearsAfter(b, () => ask(a, unlock("k")))).toBe(YES);
    expect(await ask(d, read("k", 0))).toBe(late("k", 0));
    expect(await hearsAfter(c, () => ask(b, unlock("k")))).toBe(YES);
  });

  test("of a connection that is closed, or cut, are free at once, and it waits no more", async () => {
    const [a, b, c, d] = (await clients(4)) as [WsClient, WsClient, WsClient, WsClient];
    await ask(a, lock("k", "write"));
    b.say(JSON.stringify({ ...lock("k", "write", 60), keys: ["k", "l"] }));
    await looked(b);
    c.say(JSON.stringify(lock("l", "write", 60)));
    await looked(c);
    d.say(JSON.stringify(write("k", "v", 60)));
    await looked(d);
    // Behind b, which waits for both.
    expect(await hearsAfter(c, () => b.cut())).toBe(YES);
    expect(await hearsAfter(d, () => a.socket.close())).toBe(YES);
  });

  test("that would be waited for in a circle are refused at once", async () => {
    const { client } = await stopped();
    const [a, b] = [await client(), await client()];
    await ask(a, lock("k", "write"));
    await ask(b, lock("l", "write"));
    a.say(JSON.stringify(lock("l", "write", 60)));
    await looked(a);
    expect(await ask(b, lock("k", "write", 60))).toBe(CIRCLE);
    expect(await hearsAfter(a, () => ask(b, unlock("l")))).toBe(YES);
  });

  test.each([
    ["read", read("k"), 5],
    ["write", write("k", "v"), 5],
    ["lock", lock("k", "read"), 5],
    ["lock", lock("k", "write", 0.25), 0.25],
    ["read", read("k", 7), 7],
    ["write", write("k", "v", 3_600), 60],
  ])("are waited for so long: %s %j for %d s", async (_name, message, seconds) => {
    const { client, clock } = await stopped();
    const [a, b] = [await client(), await client()];
    await ask(a, lock("k", "write"));
    b.say(JSON.stringify(message));
    await looked(b);
    clock.advance(seconds * 1_000 - 1);
    let isAnswered = false;
    const answer = b.hears("").then((text) => {
      isAnswered = true;
      return text;
    });
    await Promise.all([looked(a), looked(b)]);
    expect(isAnswered).toBe(false);
    clock.advance(1);
    expect(await answer).toBe(late("k", seconds));
    // Nothing was done, and nothing is left behind.
    await ask(a, unlock("k"));
    expect(await ask(a, read("k", 0))).toBe(NOTHING);
    expect(await ask(a, lock("k", "write", 0))).toBe(YES);
  });
});

describe("the room", () => {
  test("is seen by managers over Socket.IO, who may not write to it, and by nobody else", async () => {
    const server = await serveJson();
    const who = await client(portOf(server));
    const [boss, guest] = [plain(server.url, { user: "boss" }), plain(server.url, { user: "guest" })];
    await Promise.all([boss.session(), guest.session()]);
    await boss.value("upgrade", {});
    const room = "shared";
    expect(await boss.value("get", { room, key: "k" })).toBe(null);
    const { watch } = (await boss.value("watch", { room })) as { watch: string };
    expect(await ask(who, { ...write("k", "v"), hold_lock: true })).toBe(YES);
    const entry = { key: "k", value: "v", version: 1, updatedBy: "shared" };
    expect(await boss.events.next("changes")).toMatchObject({
      watch,
      room,
      changes: [{ by: "shared", puts: [entry] }],
    });
    // A lock does not keep managers from looking.
    expect(await boss.value("get", { room, key: "k" })).toMatchObject(entry);
    expect(await boss.value("locks", { room })).toMatchObject({
      holders: [{ key: "k", mode: "exclusive", user: "shared", mine: false }],
    });
    expect(await boss.value("rooms", {})).toMatchObject({ rooms: [{}, {}, { room, keys: 1, online: false }] });
    const refusal = { code: "forbidden", message: "Nobody may write the room shared through this door." };
    expect(await boss.error("put", { room, key: "k", value: "w" })).toMatchObject(refusal);
    expect(await boss.error("lock", { room, keys: ["k"], mode: "shared" })).toMatchObject(refusal);
    for (const [name, payload] of [
      ["get", { room, key: "k" }],
      ["put", { room, key: "k", value: "w" }],
      ["watch", { room }],
      ["locks", { room }],
    ] as const) {
      expect(await guest.error(name, payload)).toMatchObject({ code: "forbidden" });
    }
    expect(await ask(who, read("k"))).toBe('{"success":true,"values":{"k":"v"}}');
  });

  test("is one of all rooms to those who watch them all", async () => {
    const server = await serveJson();
    const [who, boss] = [await client(portOf(server)), plain(server.url, { user: "boss" })];
    await boss.session();
    await boss.value("upgrade", {});
    await boss.value("watch", { room: "*" });
    const starts = [await boss.events.next("start"), await boss.events.next("start")];
    expect(starts).toMatchObject([{ room: "boss" }, { room: "shared", snapshot: [] }]);
    await ask(who, write("k", "v"));
    expect(await boss.events.next("changes")).toMatchObject({ room: "shared", changes: [{ puts: [{ key: "k" }] }] });
  });

  test("is no user: nobody is called so, and the operator cannot make it one", async () => {
    const server = await serveJson();
    expect(server.users()).toEqual([]);
    await expect(server.promote("shared")).rejects.toMatchObject({ code: "not_found" });
    await expect(server.deleteUser("shared")).rejects.toMatchObject({ code: "not_found" });
    await expect(plain(server.url, { user: "shared" }).session()).rejects.toMatchObject({ data: { code: "invalid" } });
  });
});

describe("the door", () => {
  /** The status of the answer to a request for a WebSocket: 101 when it is granted. */
  async function statusOf(url: string, options: ClientOptions = {}): Promise<number | undefined> {
    const socket = new WebSocket(url, options);
    closing(() => socket.terminate());
    socket.on("error", () => undefined);
    const refused = once(socket, "unexpected-response").then((args) => (args[1] as IncomingMessage).statusCode);
    return Promise.race([refused, once(socket, "open").then(() => 101)]);
  }

  test("is at /ws alone, and closed to pages of other origins", async () => {
    const url = `ws://127.0.0.1:${portOf(await serveJson())}`;
    const paths = ["/ws", "/ws?a=b", "/", "/ws/", "/WS", "/socket.io/"];
    expect(await Promise.all(paths.map((path) => statusOf(`${url}${path}`)))).toEqual([101, 101, 404, 404, 404, 404]);
    expect(await statusOf(`${url}/ws`, { origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(`${url}/ws`, { origin: url.replace("ws", "http") })).toBe(101);
  });

  test("takes frames of a mebibyte and more; beyond four the connection ends, and its locks are free", async () => {
    const [a, b] = (await clients(2)) as [WsClient, WsClient];
    const value = "x".repeat(2 ** 20);
    expect(await ask(a, write("big", value))).toBe(YES);
    const heard = await ask(b, read("big"));
    expect([heard.length, heard.slice(0, 40)]).toEqual([value.length + 36, `{"success":true,"values":{"big":"xxxxxxx`]);
    expect(await ask(a, write("big", `${value}x`))).toBe(no("The value is too long: at most 1048576 bytes of UTF-8."));
    await ask(a, { command: "write", keys: ["a", "b"], values: [value, value], hold_lock: true });
    expect(await ask(b, { command: "read", keys: ["a"], timeout: 0 })).toBe(late("a", 0));
    b.say(JSON.stringify({ command: "read", keys: ["a", "b"] }));
    await looked(b);
    a.say("x".repeat(4 * 2 ** 20 + 1));
    // More than one answer holds: told, and not cut.
    expect(JSON.parse(await b.hears(""))).toMatchObject({ success: false });
    await a.closed;
    expect(await ask(b, write("a", "v"))).toBe(YES);
  });

  test("closes with the server: whoever waits is told so", async () => {
    const server = await serveJson();
    const [a, b] = [await client(portOf(server)), await client(portOf(server))];
    await ask(a, lock("k", "write"));
    b.say(JSON.stringify(lock("k", "write", 60)));
    await looked(b);
    const closed = Promise.all([once(a.socket, "close"), once(b.socket, "close")]);
    expect(await hearsAfter(b, () => void server.close())).toBe(no("The server is closing. Try again in a moment."));
    expect((await closed).map(([code]) => code)).toEqual([1001, 1001]);
  });
});

describe("other peers", () => {
  test("one that broke without a word gives up its locks at the second ping; one that is there keeps them", async () => {
    const { client, clock } = await stopped();
    const [there, gone, who] = [await client(), await client({ autoPong: false }), await client()];
    await ask(there, lock("k", "write"));
    await ask(gone, lock("l", "write"));
    for (let round = 0; round < 2; round++) {
      expect(await ask(who, read("l", 0))).toBe(late("l", 0));
      const asked = [there, who].map(({ socket }) => once(socket, "ping"));
      clock.advance(PING_MS);
      await Promise.all(asked);
      // The pongs are there before this is answered.
      await Promise.all([looked(there), looked(who)]);
    }
    expect(await ask(who, read("l"))).toBe(NOTHING);
    expect(await ask(who, read("k", 0))).toBe(late("k", 0));
  });

  test("one that has said more than is read of it waits all the same", async () => {
    const { client, clock } = await stopped();
    const [a, b] = [await client(), await client()];
    await ask(a, lock("k", "write"));
    // The second ping comes a moment before the wait is over.
    clock.advance(1);
    for (let i = 0; i < 1_000; i++) b.say(JSON.stringify(lock("k", "write", 60)));
    // Its pongs stand behind all that.
    for (const ms of [PING_MS, PING_MS - 1]) {
      const asked = once(a.socket, "ping");
      clock.advance(ms);
      await asked;
      await looked(a);
    }
    expect(await hearsAfter(b, () => ask(a, unlock("k")))).toBe(YES);
    for (let i = 1; i < 1_000; i++) expect(await b.hears("")).toBe(YES);
  });

  test("one that says much while it waits is not read from, and others feel nothing", async () => {
    const { client } = await stopped();
    const [a, b] = [await client(), await client()];
    await ask(a, lock("k", "write"));
    b.say(JSON.stringify(lock("k", "write", 60)));
    for (let i = 0; i < 60; i++) b.say(JSON.stringify(write("n", String(i).padEnd(1_000_000))));
    for (let i = 0; i < 500; i++) expect(await ask(a, write("o", `${i}`))).toBe(YES);
    // All but what the systems and the door keep, which is some.
    expect(b.socket.bufferedAmount).toBeGreaterThan(30_000_000);
    expect(await hearsAfter(b, () => ask(a, unlock("k")))).toBe(YES);
    for (let i = 0; i < 60; i++) expect(await b.hears("")).toBe(YES);
    expect(JSON.parse(await ask(a, read("n"))).values.n.trim()).toBe("59");
  });

  test("one that does not read is not read from, and others feel nothing", async () => {
    const { client, clock } = await stopped();
    const [slow, who] = [await client(), await client()];
    await ask(slow, { ...write("big", "x".repeat(1_000_000)) });
    await ask(slow, lock("mine", "write"));
    slow.socket.pause();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 2_000; i++) slow.say(JSON.stringify(read("big")));
    for (let i = 0; i < 500; i++) expect(await ask(who, write("k", `${i}`))).toBe(YES);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    for (let round = 0; round < 2; round++) {
      const asked = once(who.socket, "ping");
      clock.advance(PING_MS);
      await asked;
      await looked(who);
    }
    expect(await ask(who, lock("mine", "write"))).toBe(YES);
  });
});
