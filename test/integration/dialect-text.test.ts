/** What both text doors say alike, word for word. */
import { describe, expect, test } from "@jest/globals";
import type { RunningServer } from "../../server/server.ts";
import { readableLog } from "../support/readable-log.ts";
import { starter } from "../support/start.ts";
import { type Talk, TcpClient, type TextClient, talkOf, WsClient } from "../support/text-clients.ts";

const { closing, plain, serve } = starter();

const DOORS = ["tcp-text", "ws-text"] as const;
type Door = (typeof DOORS)[number];

function portOf({ doors }: RunningServer, door: Door): number {
  return doors.find(({ name }) => name === door)?.port ?? 0;
}

async function serveText(options: Parameters<typeof serve>[0] = {}): Promise<RunningServer> {
  return serve({ upgrade: "open", doors: { "tcp-text": 0, "ws-text": 0 }, ...options });
}

async function client(server: RunningServer, door: Door): Promise<TextClient> {
  const port = portOf(server, door);
  const opened = door === "tcp-text" ? await TcpClient.open(port) : await WsClient.open(port);
  closing(() => opened.cut());
  return opened;
}

async function expectTalk(who: TextClient, talk: Talk): Promise<void> {
  expect(await talkOf(who, talk)).toEqual(talk);
}

const WRONG = "wrong message format";
const OTHERS = "you are not allowed to access keys of other users";

describe.each(DOORS)("%s", (door) => {
  test("three users, as in the first system: their own keys, and the others' once they are managers", async () => {
    const server = await serveText();
    const [a, b, c] = [await client(server, door), await client(server, door), await client(server, door)];
    await expectTalk(a, [
      ["ann", "success"],
      ["put a b", "done"],
      ["get x", "key not found"],
      ["get a", "b"],
    ]);
    await expectTalk(b, [
      ["ann", "duplicate user name"],
      ["bob", "success"],
      ["put x y", "done"],
      ["get ann a", OTHERS],
    ]);
    await expectTalk(c, [
      ["cid", "success"],
      ["put x yy", "done"],
      ["upgrade", "upgraded to manager"],
    ]);
    await expectTalk(a, [
      ["get ann a", OTHERS],
      ["get nobody a", OTHERS],
      ["upgrade", "upgraded to manager"],
      ["upgrade", "already a manager"],
      ["get bob a", "key not found"],
      ["get bob x", "y"],
      ["get cid x", "yy"],
      ["get nobody x", "user not found"],
      [`get ${"x".repeat(65)} x`, "user not found"],
      ["get * x", "user not found"],
      ["get ann a", "b"],
      ["get x", "key not found"],
      ["get a", "b"],
      ["q", "exiting"],
    ]);
    expect(await a.closed).toBe("");
    // His room went with him.
    await expectTalk(c, [
      ["get ann a", "user not found"],
      ["get bob x", "y"],
    ]);
  });

  test("what is no command is refused, and the connection lives", async () => {
    const who = await client(await serveText(), door);
    await expectTalk(who, [["ann", "success"]]);
    const wrong = [
      " ",
      "put",
      "put a",
      "put a b c",
      "put a b get x",
      "get",
      "get a b c",
      "q q",
      "GET a",
      "hello",
      "\0",
    ];
    await expectTalk(
      who,
      wrong.map((text) => [text, WRONG]),
    );
    await expectTalk(who, [
      ["  put\ta   b ", "done"],
      ["get a", "b"],
    ]);
  });

  test("what is no name is refused, and the connection may try again", async () => {
    const who = await client(await serveText(), door);
    const wrong = [" ", "a b", "a\tb", "a\u0007", "get", "put", "upgrade", "q", "get x", "shared", "*", "system"];
    await expectTalk(
      who,
      [...wrong, "x".repeat(65)].map((text) => [text, WRONG]),
    );
    await expectTalk(who, [
      ["x".repeat(64), "success"],
      ["get role", "key not found"],
    ]);
  });

  test("the role is not among the keys", async () => {
    const who = await client(await serveText(), door);
    await expectTalk(who, [
      ["ann", "success"],
      ["put role manager", "done"],
      ["get role", "manager"],
      ["get ann role", OTHERS],
    ]);
  });

  test("with a passphrase: a bare upgrade is refused, a wrong one too, and the right one may have spaces", async () => {
    const server = await serveText({ upgrade: "passphrase", managerPassphrase: "open sesame" });
    const who = await client(server, door);
    await expectTalk(who, [
      ["ann", "success"],
      ["upgrade", "To become a manager, give the passphrase the server was started with."],
      ["upgrade open", "That is not the manager passphrase. Ask whoever started the server."],
      ["get bob x", OTHERS],
      ["upgrade open sesame", "upgraded to manager"],
      ["upgrade", "already a manager"],
    ]);
  });

  test("open: what stands behind the word is ignored; off: nobody", async () => {
    const who = await client(await serveText(), door);
    await expectTalk(who, [
      ["ann", "success"],
      ["upgrade now please", "upgraded to manager"],
    ]);
    const other = await client(await serveText({ upgrade: "off" }), door);
    await expectTalk(other, [
      ["ann", "success"],
      ["upgrade", "Nobody can upgrade here by himself. Ask a manager to promote you."],
    ]);
  });

  test("a role ends with the connection", async () => {
    const server = await serveText();
    const first = await client(server, door);
    await expectTalk(first, [
      ["ann", "success"],
      ["upgrade", "upgraded to manager"],
      ["q", "exiting"],
    ]);
    await expectTalk(await client(server, door), [
      ["ann", "success"],
      ["get ann x", OTHERS],
    ]);
  });

  test("a connection that breaks frees its name, and its room is deleted", async () => {
    const server = await serveText();
    const [first, watcher] = [await client(server, door), await client(server, door)];
    await expectTalk(first, [
      ["ann", "success"],
      ["put a b", "done"],
    ]);
    await expectTalk(watcher, [["ann", "duplicate user name"]]);
    first.cut();
    await expect(freed(server, "ann")).resolves.toBe(true);
    await expectTalk(watcher, [
      ["ann", "success"],
      ["get a", "key not found"],
    ]);
  });

  test("of those who ask for a name at once one has it", async () => {
    const server = await serveText();
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => client(server, DOORS[i % 2] as Door)));
    for (const each of all) each.say("ann");
    const answers = await Promise.all(all.map((each) => each.hears("success")));
    expect(answers.filter((answer) => answer === "success")).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith("duplica"))).toHaveLength(19);
  });

  test("a name is refused while it is in use at another door, or has an account", async () => {
    const server = await serveText();
    const other = await client(server, door === "tcp-text" ? "ws-text" : "tcp-text");
    await plain(server.url, { user: "pat", password: "secret" }).session();
    const guest = await plain(server.url).session();
    await expectTalk(other, [["ann", "success"]]);
    await expectTalk(await client(server, door), [
      ["ann", "duplicate user name"],
      ["pat", "duplicate user name"],
      [guest.user, "duplicate user name"],
      ["bob", "success"],
    ]);
    expect(await plain(server.url, { user: "bob", password: "secret" }).refusal()).toMatchObject({
      code: "name_taken",
    });
    await expectTalk(other, [["q", "exiting"]]);
    expect(await plain(server.url, { user: "ann", password: "secret" }).session()).toMatchObject({ user: "ann" });
  });

  test("where names are held, it is refused while somebody has it over Socket.IO, also in his grace", async () => {
    const server = await serveText({ accounts: "name" });
    const hal = plain(server.url, { user: "hal" });
    await hal.session();
    const who = await client(server, door);
    await expectTalk(who, [["hal", "duplicate user name"]]);
    hal.socket.disconnect();
    await expectTalk(who, [["hal", "duplicate user name"]]);
  });

  test("a put is pushed to a manager who watches over Socket.IO, who sees that he is there", async () => {
    const server = await serveText();
    const who = await client(server, door);
    await expectTalk(who, [["ann", "success"]]);
    const manager = plain(server.url, { user: "meg", password: "secret" });
    await manager.session();
    await manager.value("upgrade");
    expect(await manager.value("rooms")).toMatchObject({
      rooms: [{ room: "ann", keys: 0, online: true }, { room: "meg" }],
    });
    await manager.value("watch", { room: "ann" });
    await expectTalk(who, [["put a b", "done"]]);
    const changes = [{ revision: 1, by: "ann", puts: [{ key: "a", value: "b" }] }];
    expect(await manager.events.next("changes")).toMatchObject({ room: "ann", changes });
    expect(await manager.value("put", { room: "ann", key: "a", value: "c" })).toMatchObject({ revision: 2 });
    await expectTalk(who, [["get a", "c"]]);
    await manager.value("demote", { user: "meg" }).catch(() => undefined);
  });

  test("a manager loses his role when it is taken, and his line when he is deleted", async () => {
    const server = await serveText();
    const who = await client(server, door);
    await expectTalk(who, [
      ["ann", "success"],
      ["upgrade", "upgraded to manager"],
    ]);
    await server.demote("ann");
    await expectTalk(who, [["get ann x", OTHERS]]);
    await server.deleteUser("ann");
    expect(await who.closed).toBe("");
    await expectTalk(await client(server, door), [["ann", "success"]]);
  });

  test("characters of several bytes come through, and a refusal is said in words", async () => {
    const who = await client(await serveText({ limits: { roomKeys: 1 } }), door);
    await expectTalk(who, [
      ["Zoë-日本-🦊", "success"],
      ["put clé vålüe-🦊", "done"],
      ["get clé", "vålüe-🦊"],
      [`put ${"k".repeat(513)} v`, "The key is too long: at most 512 bytes of UTF-8."],
      ["get __proto__", "key not found"],
    ]);
    who.say("put other v");
    expect(await who.hears("The room")).toMatch(/^[A-Z]/);
  });

  test("the log says who has connected, and the server closes the door with itself", async () => {
    const log = readableLog();
    const server = await serveText({ log });
    const [named, nameless] = [await client(server, door), await client(server, door)];
    await expectTalk(named, [["ann", "success"]]);
    const port = named instanceof TcpClient ? named.socket.localPort : 0;
    const line = door === "tcp-text" ? `Connected to ann:('127.0.0.1', ${port})` : "Connected to ann";
    expect(log.lines.map(({ message }) => message)).toContain(line);
    await server.close();
    expect([await named.closed, await nameless.closed]).toEqual(["", ""]);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

test.each(DOORS)("%s: a port that is taken fails the start, with a sentence that names the flag", async (door) => {
  const port = portOf(await serveText(), door);
  await expect(serve({ doors: { [door]: port } })).rejects.toThrow(
    `Port ${port} on 127.0.0.1, of the ${door} door, is taken. Stop what uses it, or choose another with --${door}-port.`,
  );
});

test("a start that fails because of a door leaves no other open", async () => {
  const taken = portOf(await serveText(), "ws-text");
  const first = await serve();
  const port = Number(new URL(first.url).port);
  await first.close();
  const doors = { "tcp-text": 0, "ws-text": taken };
  await expect(serve({ port, doors })).rejects.toThrow(`Port ${taken} on 127.0.0.1, of the ws-text door, is taken.`);
  expect((await serve({ port })).url).toBe(first.url);
});

/** Resolves when nobody has the name any more. */
async function freed(server: RunningServer, name: string): Promise<boolean> {
  while (server.users().some((user) => user.name === name)) await new Promise(setImmediate);
  return true;
}
