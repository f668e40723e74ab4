/**
 * Many connections of the JSON door that lock, read and write random keys at once, some of which break, and a model that
 * knows what must come of it. A program of its own, as the other storm.
 *
 *     node --import tsx test/storm/json-storm.ts CLIENTS SEED
 */
import { parseArgs } from "node:util";
import { connect } from "../../client/sdk/index.ts";
import { startServer } from "../../server/server.ts";
import { ask, looked, openJson } from "../support/json-clients.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { WsClient } from "../support/text-clients.ts";
import { JsonAnswer, PairModel } from "./json-model.ts";
import { StormModel } from "./model.ts";

/** Keys that are counted up under locks, and pairs of keys that always have one value. */
const KEYS = Array.from({ length: 30 }, (_, i) => `k${i}`);
const PAIRS = Array.from({ length: 10 }, (_, i) => [`a${i}`, `b${i}`] as const);
const ROUNDS = 4;
/** Far more than any wait should need: one that is over is a fault. */
const PATIENT = 60;
/** Connections that are opened at once. */
const OPENING = 50;

class Storm {
  readonly model = new StormModel(KEYS);
  readonly pairs = new PairModel((what) => this.model.fault(what));
  /** Writes that were answered with success. */
  writes = 0;
  late = 0;
  broken = 0;
  #token = 0;
  /** Who is alone with a key; each time it is another. */
  readonly #alone = new Map<string, object>();
  peeks = 0;

  /** Reads and counts up under a write lock; what two do at once would be lost. */
  async countUp(client: WsClient, keys: readonly string[]): Promise<void> {
    if (!(await this.#lock(client, keys, "write"))) return;
    const leave = this.model.enter(keys, "exclusive");
    const section = {};
    for (const key of keys) this.#alone.set(key, section);
    await this.#write(client, keys, await this.#counted(client, keys));
    this.model.counted(keys);
    for (const key of keys) this.#alone.delete(key);
    leave();
    await this.#expectYes(client, { command: "unlock", keys });
  }

  /** While several hold read locks, nobody changes the keys. */
  async lookTwice(client: WsClient, keys: readonly string[]): Promise<void> {
    if (!(await this.#lock(client, keys, "read"))) return;
    const leave = this.model.enter(keys, "shared");
    const [before, after] = [await this.#counts(client, keys), await this.#counts(client, keys)];
    this.model.expectSame(before, after);
    leave();
    await this.#expectYes(client, { command: "unlock", keys });
  }

  /** Keeps the lock by which it reads, then writes: others who do so too close a circle, and one has to give up. */
  async readThenWrite(client: WsClient, key: string): Promise<void> {
    const message = { command: "read", keys: [key], hold_lock: true, timeout: PATIENT };
    const found = await JsonAnswer.to(client, message);
    const value = String(found.count(key) + 1);
    // Where there is nothing it holds the lock all the same.
    const answer = await JsonAnswer.to(client, { command: "write", keys: [key], value, timeout: PATIENT });
    if (answer.success) {
      this.writes++;
      this.model.counted([key]);
    } else if (answer.isCircle) this.model.tally.circles++;
    else this.model.fault(`a write that waited was answered ${answer.text}`);
    await this.#expectYes(client, { command: "unlock", keys: [key] });
  }

  /** Both keys of a pair at once: whoever reads them finds one value, and none that was overwritten before he asked. */
  async writePair(client: WsClient, pair: readonly [string, string]): Promise<void> {
    const value = String(++this.#token);
    const done = this.pairs.begin(pair[0], value);
    await this.#write(client, pair, [value, value]);
    done();
  }

  async readPair(client: WsClient, pair: readonly [string, string]): Promise<void> {
    const check = this.pairs.look(pair[0]);
    const answer = await JsonAnswer.to(client, { command: "read", keys: pair, timeout: PATIENT });
    check(answer.values[pair[0]], answer.values[pair[1]]);
  }

  /** Whoever asks while somebody is alone with the key is not answered before that is over. */
  async peek(client: WsClient, key: string): Promise<void> {
    const section = this.#alone.get(key);
    await JsonAnswer.to(client, { command: "read", keys: [key], timeout: PATIENT });
    if (section === undefined) return;
    this.peeks++;
    if (this.#alone.get(key) === section) this.model.fault(`${key} was read while somebody was alone with it`);
  }

  /** Waits less long than others work: it is served, or told that it was too late, and then holds nothing. */
  async hurry(client: WsClient, keys: readonly string[], timeout: number): Promise<void> {
    const answer = await JsonAnswer.to(client, { command: "lock", keys, mode: "write", timeout });
    if (!answer.success) {
      if (answer.isLate) this.late++;
      else this.model.fault(`a wait of ${timeout} s was answered ${answer.text}`);
      return;
    }
    this.model.enter(keys, "exclusive")();
    await this.#expectYes(client, { command: "unlock", keys });
  }

  /** Breaks while it holds some keys and waits for others. */
  async breakDown(client: WsClient, held: readonly string[], wanted: readonly string[]): Promise<void> {
    if (!(await this.#lock(client, held, "write"))) return;
    const leave = this.model.enter(held, "exclusive");
    client.say(JSON.stringify({ command: "lock", keys: wanted, mode: "write", timeout: PATIENT }));
    await looked(client);
    leave();
    client.cut();
    this.broken++;
  }

  /** At the end nothing is left, and all was seen by a watcher. */
  async expectEnd(client: WsClient): Promise<void> {
    const all = [...KEYS, ...PAIRS.flat()];
    await this.#expectYes(client, { command: "lock", keys: all, mode: "write", timeout: 0 });
    this.model.expectCounts(await this.#counts(client, KEYS));
    for (const pair of PAIRS) await this.readPair(client, pair);
  }

  async #lock(client: WsClient, keys: readonly string[], mode: "read" | "write"): Promise<boolean> {
    const answer = await JsonAnswer.to(client, { command: "lock", keys, mode, timeout: PATIENT });
    if (!answer.success) this.model.fault(`a lock that waited was answered ${answer.text}`);
    return answer.success;
  }

  async #write(client: WsClient, keys: readonly string[], values: readonly string[]): Promise<void> {
    this.writes++;
    await this.#expectYes(client, { command: "write", keys, values, timeout: PATIENT });
  }

  async #counted(client: WsClient, keys: readonly string[]): Promise<readonly string[]> {
    const counts = await this.#counts(client, keys);
    return keys.map((key) => String((counts.get(key) ?? 0) + 1));
  }

  async #counts(client: WsClient, keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await JsonAnswer.to(client, { command: "read", keys, timeout: PATIENT });
    return new Map(keys.map((key) => [key, answer.count(key)]));
  }

  async #expectYes(client: WsClient, message: object): Promise<void> {
    const answer = await ask(client, message);
    if (answer !== '{"success":true}') this.model.fault(`${JSON.stringify(message)} was answered ${answer}`);
  }
}

function someKeys(random: Random, from: readonly string[], most: number): string[] {
  return [...new Set(Array.from({ length: 1 + random.int(most) }, () => random.pick(from)))];
}

async function live(storm: Storm, client: WsClient, random: Random): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const keys = someKeys(random, KEYS, 3);
    const deed = random.int(20);
    if (deed < 6) await storm.countUp(client, keys);
    else if (deed < 9) await storm.lookTwice(client, keys);
    else if (deed < 12) await storm.readThenWrite(client, keys[0] as string);
    else if (deed < 14) await storm.writePair(client, random.pick(PAIRS));
    else if (deed < 16) await storm.readPair(client, random.pick(PAIRS));
    else if (deed < 17) await storm.peek(client, keys[0] as string);
    else if (deed < 19) await storm.hurry(client, keys, random.pick([0, 0.01, 0.1]));
    else {
      const wanted = someKeys(random, KEYS, 3).filter((key) => !keys.includes(key));
      return storm.breakDown(client, keys, wanted);
    }
  }
}

async function openAll(port: number, count: number): Promise<readonly WsClient[]> {
  const clients: WsClient[] = [];
  while (clients.length < count) {
    const more = Array.from({ length: Math.min(OPENING, count - clients.length) }, () => openJson(port));
    clients.push(...(await Promise.all(more)));
  }
  return clients;
}

async function run(count: number, seed: number): Promise<readonly string[]> {
  const server = await startServer({ port: 0, accounts: "name", upgrade: "open", doors: { "ws-json": 0 } });
  const boss = await connect(server.url, { user: "boss" });
  await boss.upgrade();
  const port = server.doors[0]?.port ?? 0;
  const clients = await openAll(port, count);
  const storm = new Storm();
  const random = seededRandom(seed);
  const began = performance.now();
  const seeds = clients.map(() => random.int(2 ** 31));
  await Promise.all(clients.map((client, i) => live(storm, client, seededRandom(seeds[i] as number))));
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  await storm.expectEnd(await openJson(port));
  for (const client of clients) client.cut();
  const { position } = await boss.room("shared").list({ limit: 1 });
  if (position.revision !== storm.writes) {
    storm.model.fault(`${storm.writes} writes were answered, and the log is at revision ${position.revision}`);
  }
  await boss.close();
  await server.close();
  const { late, broken, pairs, peeks, model } = storm;
  process.stdout.write(
    `${count} clients in ${seconds} s: ${model.summary()}, ${pairs.looks} looks, ${peeks} peeks, ${late} late, ` +
      `${broken} broken\n`,
  );
  return model.faults;
}

const { positionals } = parseArgs({ allowPositionals: true });
const [clients, seed] = positionals.map(Number);
const faults = await run(clients ?? 1_000, seed ?? 1);
for (const fault of faults.slice(0, 20)) process.stdout.write(`FAULT ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
