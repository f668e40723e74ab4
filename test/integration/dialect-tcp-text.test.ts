/** What is TCP's own in the text door: no ends of messages, peers of all sorts. */
import { createServer } from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { listen, MAX_CONNECTIONS } from "../../server/dialects/listen.ts";
import { openTcpText } from "../../server/dialects/tcp-text.ts";
import { NAMELESS_MS, STALLED_MS } from "../../server/dialects/text-connection.ts";
import { SILENCE_MS } from "../../server/dialects/text-framing.ts";
import type { ServerOptions } from "../../server/server.ts";
import { openOnStoppedClock } from "../support/dialect-door.ts";
import { readableLog } from "../support/readable-log.ts";
import { starter } from "../support/start.ts";
import { TcpClient, talkOf } from "../support/text-clients.ts";

const { closing, serve } = starter();
const WRONG = "wrong message format";

async function serveTcp(options: ServerOptions = {}): Promise<() => Promise<TcpClient>> {
  const { doors } = await serve({ upgrade: "open", doors: { "tcp-text": 0 }, ...options });
  return () => client(doors[0]?.port ?? 0);
}

async function client(port: number): Promise<TcpClient> {
  const opened = await TcpClient.open(port);
  closing(() => opened.cut());
  return opened;
}

/** A door whose time is moved by hand: whoever talks to it does so in lines. */
async function stopped() {
  const opened = await openOnStoppedClock(openTcpText);
  closing(() => opened.door.close());
  return { ...opened, client: () => client(opened.door.port) };
}

describe("the end of a message", () => {
  test("is silence, and answers have none", async () => {
    const who = await (await serveTcp())();
    const talk = [
      ["Zoë", "success"],
      ["put clé 🦊", "done"],
      ["get clé", "🦊"],
    ] as const;
    expect(await talkOf(who, talk)).toEqual(talk);
    who.say("q");
    expect(await who.closed).toBe("exiting");
  });

  test("may come late: a message may be cut anywhere, also inside a character", async () => {
    const { client, clock } = await stopped();
    const [who, other] = [await client(), await client()];
    await talkOf(other, [["other\n", "success\n"]]);
    for (const [said, answer] of [
      ["Zoë", "success"],
      ["put clé 🦊", "done"],
      ["get clé", "🦊"],
    ] as const) {
      for (const byte of Buffer.from(said)) {
        who.say(Uint8Array.of(byte));
        // Behind this the server has read the byte.
        await talkOf(other, [["get a\n", "key not found\n"]]);
        clock.advance(SILENCE_MS - 1);
      }
      clock.advance(1);
      expect(await who.hears(answer)).toBe(answer);
    }
  });

  test("is a newline once one was sent, and answers end in one; an empty line is no command", async () => {
    const who = await (await serveTcp())();
    who.say("ann\nput a b\r\nget a\n\nget");
    expect(await who.hears(`success\ndone\nb\n${WRONG}\n`)).toBe(`success\ndone\nb\n${WRONG}\n`);
    who.say(" x\nq\n");
    expect(await who.closed).toBe("key not found\nexiting\n");
  });

  test("is no delay of the server's own", async () => {
    const { client, clock } = await stopped();
    const [who, other] = [await client(), await client()];
    await talkOf(other, [["other\n", "success\n"]]);
    who.say("an");
    await talkOf(other, [["get a\n", "key not found\n"]]);
    // Now, in the phase of timers, the rest has arrived, and is not read yet.
    await setTimeout(1);
    who.say("n");
    clock.advance(1_000);
    await talkOf(other, [["get a\n", "key not found\n"]]);
    clock.advance(SILENCE_MS);
    expect(await who.hears("success")).toBe("success");
    // And not "an".
    const taken = [["ann\n", "duplicate user name\n"]] as const;
    expect(await talkOf(await client(), taken)).toEqual(taken);
  });

  test("is the end of what comes: all of it is answered, and then the server closes", async () => {
    const open = await serveTcp();
    const [lines, silent] = [await open(), await open()];
    lines.socket.end("ann\nput a b\nget a\nput a cut-of");
    expect(await lines.closed).toBe("success\ndone\nb\n");
    silent.socket.end("ann");
    expect(await silent.closed).toBe("success");
  });
});

describe("long messages", () => {
  test("of more than one read come through, in lines and without", async () => {
    const who = await (await serveTcp())();
    const long = "é".repeat(32_000);
    expect(
      await talkOf(who, [
        ["ann", "success"],
        [`put a ${long}`, "done"],
        ["get a", long],
        [`put b ${long}\n`, "done\n"],
        ["get b\n", `${long}\n`],
      ]),
    ).toMatchObject([{}, [{}, "done"], ["get a", long], [{}, "done\n"], ["get b\n", `${long}\n`]]);
  });

  test("above 64 KiB are refused, and the connection lives", async () => {
    const who = await (await serveTcp())();
    await talkOf(who, [["ann", "success"]]);
    who.say("x".repeat(70_000));
    expect(await who.hears(WRONG)).toBe(WRONG);
    who.say(`put a ${"x".repeat(1_000_000)}\nget a\n`);
    expect(await who.hears(`${WRONG}\nkey not found\n`)).toBe(`${WRONG}\nkey not found\n`);
  });

  test("are no names: the first line of a web page's request may be long, too", async () => {
    const who = await (await serveTcp())();
    who.say(`POST /${"x".repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\nann\n`);
    expect(await who.closed).toBe(`${WRONG}\n`);
  });
});

test("a web page cannot sign in: what looks like HTTP closes the connection without a word", async () => {
  const open = await serveTcp();
  for (const start of ["POST / HTTP/1.1\r\n", "GET /ann", "\nPOST / HTTP/1.1\r\n"]) {
    const page = await open();
    page.say(`${start}`);
    page.say("Host: localhost\r\n\r\nann\nput a b\n");
    expect((await page.closed).replace(`${WRONG}\n`, "")).toBe("");
  }
  const secure = await open();
  secure.say(Buffer.concat([Buffer.of(0x16, 3, 1, 2, 0, 1, 0xff), Buffer.from("\nann\nput a b\n")]));
  expect(await secure.closed).toBe("");
  // Whoever has a name may say what he likes.
  const who = await open();
  who.say("ann\n");
  expect(await who.hears("success\n")).toBe("success\n");
  who.say("\u0016\nGET / HTTP/1.1\nget a\n");
  const heard = `${WRONG}\n${WRONG}\nkey not found\n`;
  expect(await who.hears(heard)).toBe(heard);
});

describe("other peers", () => {
  test("one that never says a name delays nobody, and is closed after a minute", async () => {
    const { client, clock } = await stopped();
    const silent = await client();
    const who = await client();
    expect(await talkOf(who, [["ann\n", "success\n"]])).toEqual([["ann\n", "success\n"]]);
    clock.advance(NAMELESS_MS - 1);
    expect(await talkOf(silent, [["ann\n", "duplicate user name\n"]])).toEqual([["ann\n", "duplicate user name\n"]]);
    clock.advance(NAMELESS_MS - 1);
    expect(silent.socket.destroyed).toBe(false);
    clock.advance(1);
    expect(await silent.closed).toBe("");
    // Whoever has one may be silent for as long as he likes.
    expect(await talkOf(who, [["get a\n", "key not found\n"]])).toEqual([["get a\n", "key not found\n"]]);
  });

  test("one that breaks in the middle of a message ends nothing but itself", async () => {
    const { client, freed, log } = await stopped();
    for (const text of ["", "ann", "ann\n", "ann\nput a", "ann\nget a\nget a\n"]) {
      const who = await client();
      who.say(text);
      await setImmediate();
      who.cut();
      await who.closed;
      await freed("ann");
    }
    const who = await client();
    expect(await talkOf(who, [["ann\n", "success\n"]])).toEqual([["ann\n", "success\n"]]);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  const big = "x".repeat(60_000);
  /** Some 30 GB of answers. */
  const asked = Buffer.from("get big\n".repeat(500_000));

  test("one that does not read is not read from, and not answered, and others feel nothing", async () => {
    const { client, clock, freed } = await stopped();
    const slow = await client();
    await talkOf(slow, [
      ["ann\n", "success\n"],
      [`put big ${big}\n`, "done\n"],
    ]);
    slow.socket.pause();
    let isTaken = false;
    slow.socket.write(asked, () => {
      isTaken = true;
    });
    const who = await client();
    const before = process.memoryUsage();
    await talkOf(who, [["bob\n", "success\n"]]);
    const talk = Array.from({ length: 500 }, (_, i) => [`put k v${i}\n`, "done\n"] as const);
    expect(await talkOf(who, talk)).toEqual(talk);
    const after = process.memoryUsage();
    expect(isTaken).toBe(false);
    expect(after.rss - before.rss).toBeLessThan(100 * 2 ** 20);
    // And not kept for ever.
    clock.advance(STALLED_MS);
    await freed("ann");
    expect(await talkOf(who, [["get k\n", "v499\n"]])).toEqual([["get k\n", "v499\n"]]);
  });

  test("one that reads late is answered in order, all of it", async () => {
    const { client } = await stopped();
    const [late, who] = [await client(), await client()];
    late.socket.pause();
    const value = (i: number) => `${i}-${"x".repeat(1_000)}`;
    const all = Array.from({ length: 10_000 }, (_, i) => value(i));
    const heard = `success\n${all.map((text) => `done\n${text}\n`).join("")}`;
    late.say(`ann\n${all.map((text) => `put k ${text}\nget k\n`).join("")}`);
    expect(await talkOf(who, [["bob\n", "success\n"]])).toEqual([["bob\n", "success\n"]]);
    late.socket.resume();
    expect(await late.hears(heard)).toBe(heard);
  });

  test("one that goes on talking behind his last word still hears the answer", async () => {
    const { client } = await stopped();
    const who = await client();
    who.say(`ann\n${"get a\n".repeat(100_000)}q\n${"get a\n".repeat(500_000)}`);
    const heard = await who.closed;
    expect(heard.slice(-30)).toBe(`y not found\nkey not found\nexiting\n`.slice(-30));
    expect(heard.split("\n")).toHaveLength(100_003);
  });

  test("beyond so many none is let in", async () => {
    const server = createServer();
    closing(() => server.close());
    await listen(server, { host: "127.0.0.1", port: 0, log: readableLog() });
    expect([server.maxConnections, MAX_CONNECTIONS]).toEqual([4_096, 4_096]);
  });
});
