/** The same history through each door: what a door can say does the same, whichever it is. */
import { expect, test } from "@jest/globals";
import { freshSeed, seededRandom } from "../support/random.ts";
import { starter } from "../support/start.ts";
import { TcpClient, type TextClient, WsClient } from "../support/text-clients.ts";

const { closing, plain, serve } = starter();
const seed = freshSeed();
const USERS = ["ann", "bob", "cid"] as const;
const KEYS = ["a", "b", "role", "__proto__", "constructor", "日本"];

interface Step {
  readonly user: (typeof USERS)[number];
  readonly words: readonly string[];
}

/** Puts, gets and gets of others' keys; cid becomes a manager on the way. */
function steps(): readonly Step[] {
  const random = seededRandom(seed);
  return Array.from({ length: 300 }, (_, i) => {
    const user = i === 100 ? "cid" : random.pick(USERS);
    if (i === 100) return { user, words: ["upgrade"] };
    const key = random.pick(KEYS);
    const words = random.pick([
      ["put", key, `v${i}`],
      ["get", key],
      ["get", random.pick([...USERS, "nobody"]), key],
    ]);
    return { user, words };
  });
}

type Say = (words: readonly string[]) => Promise<string>;

/** What the doors' table makes of the answers of Socket.IO. */
function overSocketIo(url: string, user: string): Say {
  const client = plain(url, { user });
  let isManager = false;
  return async ([word, first, second]) => {
    switch (word) {
      case "upgrade":
        await client.value("upgrade");
        isManager = true;
        return "upgraded to manager";
      case "put":
        await client.value("put", { key: first, value: second });
        return "done";
      default: {
        if (second !== undefined && !isManager) return "you are not allowed to access keys of other users";
        const payload = second === undefined ? { key: first } : { room: first, key: second };
        const answer = await client.ask("get", payload);
        if (!answer.ok) return answer.error.code === "not_found" ? "user not found" : answer.error.message;
        const entry = answer.value as { readonly value: string } | null;
        return entry === null ? "key not found" : entry.value;
      }
    }
  };
}

async function overText(client: TextClient, user: string): Promise<Say> {
  closing(() => client.cut());
  const ask = async (text: string): Promise<string> => {
    client.say(`${text}\n`);
    return (await answerOf(client)).trimEnd();
  };
  if (client instanceof WsClient) {
    client.say(user);
    expect(await client.hears("")).toBe("success");
  } else expect(await ask(user)).toBe("success");
  return (words) => ask(words.join(" "));
}

/** A frame, or a line, character by character. */
async function answerOf(client: TextClient): Promise<string> {
  if (client instanceof WsClient) return client.hears("");
  let line = "";
  while (!line.endsWith("\n")) {
    const character = await client.hears("x");
    if (character === "") throw new Error(`The connection ended behind ${line}`);
    line += character;
  }
  return line;
}

/** Every answer, and in the end every room's entries and log, apart from times. */
async function historyThrough(door: "socket-io" | "tcp-text" | "ws-text") {
  const server = await serve({ accounts: "name", upgrade: "open", doors: { "tcp-text": 0, "ws-text": 0 } });
  const port = server.doors.find(({ name }) => name === door)?.port ?? 0;
  const says = new Map<string, Say>();
  for (const user of USERS) {
    if (door === "socket-io") says.set(user, overSocketIo(server.url, user));
    else says.set(user, await overText(await (door === "tcp-text" ? TcpClient : WsClient).open(port), user));
  }
  const answers: string[] = [];
  for (const { user, words } of steps()) answers.push((await says.get(user)?.(words)) ?? "");
  const manager = plain(server.url, { user: "meg" });
  await manager.value("upgrade");
  const rooms: unknown[] = [];
  for (const room of USERS) {
    const entries = await manager.value("list", { room });
    const logs: unknown[] = [];
    for (const key of KEYS) logs.push(await manager.value("history", { room, key }));
    rooms.push(JSON.parse(JSON.stringify([entries, logs], (name, value) => (VARIES.includes(name) ? null : value))));
  }
  return { answers, rooms };
}

/** From life to life. */
const VARIES = ["at", "updatedAt", "epoch", "tag"];

test(`answers, entries and logs are the same through TCP text, WebSocket text and Socket.IO (seed ${seed})`, async () => {
  const usual = await historyThrough("socket-io");
  expect(new Set(usual.answers).size).toBeGreaterThan(20);
  expect(await historyThrough("tcp-text")).toEqual(usual);
  expect(await historyThrough("ws-text")).toEqual(usual);
});
