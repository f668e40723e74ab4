/** The same history through the JSON door and through Socket.IO: what the first can say does the same in both. */
import { expect, test } from "@jest/globals";
import type { RunningServer } from "../../server/server.ts";
import { ask, openJson } from "../support/json-clients.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";
import { starter } from "../support/start.ts";

const { closing, plain, serve } = starter();
const seed = freshSeed();
const CLIENTS = 3;
const KEYS = ["a", "b", "7", "role", "__proto__", "constructor", "日本"];

/** What one of the clients says, in the words of the JSON door. Nobody waits: the answers would hang on the order. */
interface Step {
  readonly client: number;
  readonly command: "read" | "write" | "lock" | "unlock";
  readonly keys: readonly string[];
  readonly values?: readonly string[];
  readonly mode?: "read" | "write";
  readonly hold_lock?: boolean;
}

function steps(): readonly Step[] {
  const random = seededRandom(seed);
  return Array.from({ length: 600 }, (_, i) => ({ client: random.int(CLIENTS), ...message(random, i) }));
}

function message(random: Random, i: number): Omit<Step, "client"> {
  const keys = random.shuffle(KEYS).slice(0, 1 + random.int(3));
  const hold_lock = random.int(8) === 0;
  const deed = random.int(10);
  if (deed < 3) return { command: "read", keys, hold_lock };
  if (deed < 6) return { command: "write", keys, values: keys.map((key) => `${key} ${i}`), hold_lock };
  if (deed < 7) return { command: "lock", keys, mode: random.pick(["read", "write"]) };
  return { command: "unlock", keys };
}

/** Answers a step, but for the sentence where it is refused. */
type Say = (step: Step) => Promise<string>;

async function overJson({ doors }: RunningServer): Promise<Say> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openJson(doors[0]?.port ?? 0)));
  for (const client of clients) closing(() => client.cut());
  return async ({ client, ...said }) => {
    const answer = await ask(clients[client] as (typeof clients)[number], { ...said, timeout: 0 });
    return answer.startsWith('{"success":false') ? "refused" : answer;
  };
}

/** Three sessions of one user, in his room; and what the door's table makes of the answers. */
async function overSocketIo({ url }: RunningServer): Promise<Say> {
  const first = plain(url, { user: "ann" });
  const { token } = await first.session();
  const clients = [first, ...Array.from({ length: CLIENTS - 1 }, () => plain(url, { token }))];
  return async ({ client, command, keys, values = [], mode, hold_lock: hold = false }) => {
    const locks = { waitMs: 0, hold };
    const payloads = {
      read: { keys, ...locks },
      write: { puts: keys.map((key, i) => ({ key, value: values[i] })), ...locks },
      lock: { keys, mode: mode === "write" ? "exclusive" : "shared" },
      unlock: { keys },
    };
    const answer = await (clients[client] as typeof first).ask(command, payloads[command]);
    if (!answer.ok) return "refused";
    if (command !== "read") return '{"success":true}';
    const { entries } = answer.value as {
      readonly entries: readonly { readonly key: string; readonly value: string }[];
    };
    if (entries.length === 0) return "refused";
    const pairs = entries.map(({ key, value }) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return `{"success":true,"values":{${pairs.join()}}}`;
  };
}

/** Every answer, and in the end the room's entries, locks and log, apart from times and names. */
async function historyThrough(open: (server: RunningServer) => Promise<Say>, room: string) {
  const server = await serve({ accounts: "name", upgrade: "open", doors: { "ws-json": 0 } });
  const say = await open(server);
  const answers: string[] = [];
  for (const step of steps()) answers.push(await say(step));
  const manager = plain(server.url, { user: "meg" });
  await manager.value("upgrade");
  const found: unknown[] = [await manager.value("list", { room }), await manager.value("locks", { room })];
  for (const key of KEYS) found.push(await manager.value("history", { room, key }));
  return { answers, found: JSON.parse(JSON.stringify(found, (name, value) => (VARIES.includes(name) ? null : value))) };
}

/** From life to life, and from one room to another. */
const VARIES = ["at", "updatedAt", "epoch", "tag", "by", "updatedBy", "user", "since", "fence"];

test(`answers, entries, locks and logs are the same through JSON and Socket.IO (seed ${seed})`, async () => {
  const usual = await historyThrough(overSocketIo, "ann");
  for (const kind of ["refused", '{"success":true}', '{"success":true,']) {
    expect(usual.answers.filter((answer) => answer.startsWith(kind)).length).toBeGreaterThan(20);
  }
  expect(await historyThrough(overJson, "shared")).toEqual(usual);
});
