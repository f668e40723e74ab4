/**
 * The load of `thousand.test.ts`, a process of its own: 1,000 sockets at once, each in its own room, doing random work
 * of which every answer is compared with what a plain Map says. Prints one line of JSON.
 *
 *     node --import tsx test/acceptance/thousand-load.ts URL SEED
 */
import { deepStrictEqual } from "node:assert/strict";
import { io, type Socket } from "socket.io-client";
import * as v from "valibot";
import { type Random, seededRandom } from "../support/random.ts";

const SOCKETS = 1_000;
const STEPS = 60;
/** Requests that one socket has under way at once. */
const BURST = 6;
const KEYS = ["city", "country", "role", "__proto__", "constructor", "name"];

const Answered = v.object({ ok: v.literal(true), value: v.unknown() });

interface Cell {
  readonly value: string;
  readonly revision: number;
  readonly version: number;
}

/** What a room must answer: a Map and a counter. */
class Model {
  readonly #cells = new Map<string, Cell>();
  #revision = 0;

  put(key: string, value: string): unknown {
    const cell = { value, revision: ++this.#revision, version: (this.#cells.get(key)?.version ?? 0) + 1 };
    this.#cells.set(key, cell);
    return { revision: cell.revision, version: cell.version };
  }

  get(key: string): unknown {
    const cell = this.#cells.get(key);
    return cell === undefined ? null : { key, ...cell };
  }

  delete(key: string): unknown {
    const existed = this.#cells.delete(key);
    return { revision: existed ? ++this.#revision : null, existed };
  }

  list(): unknown {
    const keys = [...this.#cells.keys()].toSorted();
    return { entries: keys.map((key) => this.get(key)), more: false, revision: this.#revision };
  }
}

/** The answer without what a model cannot know: times, authors, epochs. */
function comparable(value: unknown): unknown {
  const Entry = v.object({ key: v.string(), value: v.string(), revision: v.number(), version: v.number() });
  const Page = v.object({ entries: v.array(Entry), more: v.boolean(), position: v.object({ revision: v.number() }) });
  const page = v.safeParse(Page, value);
  if (page.success) {
    const { entries, more, position } = page.output;
    return { entries, more, revision: position.revision };
  }
  const entry = v.safeParse(Entry, value);
  return entry.success ? entry.output : value;
}

/** A request, and what it must be answered with. */
function step(model: Model, random: Random): readonly [name: string, payload: object, expected: unknown] {
  const key = random.pick(KEYS);
  const choice = random.int(10);
  if (choice < 4) {
    const value = `${random.int(1_000_000)}`;
    return ["put", { key, value }, model.put(key, value)];
  }
  if (choice < 8) return ["get", { key }, model.get(key)];
  if (choice < 9) return ["delete", { key }, model.delete(key)];
  return ["list", {}, model.list()];
}

async function work(socket: Socket, random: Random): Promise<number> {
  const model = new Model();
  for (let done = 0; done < STEPS; done += BURST) {
    const steps = Array.from({ length: BURST }, () => step(model, random));
    const answers = await Promise.all(steps.map(([name, payload]) => socket.emitWithAck(name, payload)));
    steps.forEach(([, , expected], i) => {
      deepStrictEqual(comparable(v.parse(Answered, answers[i]).value), expected);
    });
  }
  return STEPS;
}

const [url = "", seed = "0"] = process.argv.slice(2);
let open = 0;
let peak = 0;
const arrived: Promise<void>[] = [];
const sockets = Array.from({ length: SOCKETS }, (_, i) => {
  const socket = io(url, {
    auth: { user: `user-${i}` },
    forceNew: true,
    transports: ["websocket"],
    reconnection: false,
  });
  const session = new Promise<void>((resolve) => socket.once("session", () => resolve()));
  const refused = new Promise<never>((_resolve, reject) => socket.once("connect_error", reject));
  arrived.push(Promise.race([session, refused]));
  socket.on("session", () => {
    peak = Math.max(peak, ++open);
  });
  socket.on("disconnect", () => open--);
  return socket;
});
const began = performance.now();
await Promise.all(arrived);
const connected = performance.now();
const checked = await Promise.all(sockets.map((socket, i) => work(socket, seededRandom(Number(seed) + i))));
const worked = performance.now();
for (const socket of sockets) socket.disconnect();
process.stdout.write(
  `${JSON.stringify({
    peak,
    checked: checked.reduce((sum, n) => sum + n, 0),
    connectMs: Math.round(connected - began),
    workMs: Math.round(worked - connected),
  })}\n`,
);
