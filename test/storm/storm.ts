/**
 * Many clients that lock, read and write random keys at once, and a model that knows what must come of it. A program of its
 * own, because a thousand connections take a core from the tests beside them.
 *
 *     node --import tsx test/storm/storm.ts CLIENTS SEED
 */
import { parseArgs } from "node:util";
import { connect, type Store } from "../../client/sdk/index.ts";
import { startServer } from "../../server/server.ts";
import { type Random, seededRandom } from "../support/random.ts";
import { StormModel } from "./model.ts";

const KEYS = Array.from({ length: 50 }, (_, i) => `k${i}`);
const ROUNDS = 6;
/** Far more than any wait should need: one that is over is a fault. */
const WAIT_MS = 60_000;
/** Connections that are opened at once. */
const OPENING = 50;

function someKeys(random: Random): string[] {
  const keys = new Set<string>();
  for (let left = 1 + random.int(3); left > 0; left--) keys.add(KEYS[random.int(KEYS.length)] as string);
  return [...keys];
}

/** Counts up under exclusive locks: with the fence from the session itself or, as its command would, from another. */
async function countUp(store: Store, other: Store, keys: readonly string[], model: StormModel): Promise<void> {
  const { fence } = await store.lock(keys, { mode: "exclusive", waitMs: WAIT_MS });
  const leave = model.enter(keys, "exclusive");
  const values = await counts(store, keys);
  const puts = keys.map((key) => ({ key, value: String((values.get(key) ?? 0) + 1) }));
  await other.write({ puts }, { fence });
  model.counted(keys);
  leave();
  await store.unlock(keys);
  const late = await other.write({ puts }, { fence }).catch((error: unknown) => error);
  model.expectCode(late, "stale_fence");
}

/** While several share the keys, nobody changes them. */
async function lookTwice(store: Store, keys: readonly string[], model: StormModel): Promise<void> {
  await store.lock(keys, { mode: "shared", waitMs: WAIT_MS });
  const leave = model.enter(keys, "shared");
  const [before, after] = [await counts(store, keys), await counts(store, keys)];
  model.expectSame(before, after);
  leave();
  await store.unlock(keys);
}

/** Reads and keeps the lock, then goes up: others who do so too stand in each other's way, and one has to give up. */
async function readThenWrite(store: Store, key: string, model: StormModel): Promise<void> {
  await store.read([key], { hold: true, waitMs: WAIT_MS });
  const value = String(((await counts(store, [key])).get(key) ?? 0) + 1);
  try {
    await store.write({ puts: [{ key, value }] }, { hold: true, waitMs: WAIT_MS });
    model.counted([key]);
  } catch (error) {
    model.expectCode(error, "conflict");
    model.tally.circles++;
  }
  await store.unlock([key]);
}

/** Counts up in one step, without a lock of its own: behind whoever holds the key. */
async function countAtOnce(store: Store, key: string, model: StormModel): Promise<void> {
  for (;;) {
    const entry = await store.get(key);
    try {
      const value = String(Number(entry?.value ?? 0) + 1);
      await store.put(key, value, { ifRevision: entry?.revision ?? 0, waitMs: WAIT_MS });
      model.counted([key]);
      return;
    } catch (error) {
      model.expectCode(error, "conflict");
      model.tally.conflicts++;
    }
  }
}

async function counts(store: Store, keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { entries } = await store.read(keys);
  return new Map(entries.map(({ key, value }) => [key, Number(value)]));
}

async function client(stores: readonly Store[], i: number, random: Random, model: StormModel): Promise<void> {
  const store = stores[i] as Store;
  for (let round = 0; round < ROUNDS; round++) {
    const other = stores[random.int(stores.length)] as Store;
    const keys = someKeys(random);
    const deed = random.int(10);
    if (deed < 5) await countUp(store, random.int(2) === 0 ? store : other, keys, model);
    else if (deed < 7) await lookTwice(store, keys, model);
    else if (deed < 9) await readThenWrite(store, keys[0] as string, model);
    else await countAtOnce(store, keys[0] as string, model);
  }
}

async function openStores(url: string, count: number): Promise<readonly Store[]> {
  const first = await connect(url, { user: "ann", password: "secret" });
  const stores = [first];
  while (stores.length < count) {
    const more = Array.from({ length: Math.min(OPENING, count - stores.length) }, () =>
      connect(url, { token: first.session.token, deadlineMs: 60_000 }),
    );
    stores.push(...(await Promise.all(more)));
  }
  return stores;
}

async function run(clients: number, seed: number): Promise<readonly string[]> {
  const server = await startServer({ port: 0 });
  const stores = await openStores(server.url, clients);
  const model = new StormModel(KEYS);
  const random = seededRandom(seed);
  const began = performance.now();
  const seeds = stores.map(() => random.int(2 ** 31));
  await Promise.all(
    stores.map((_, i) =>
      client(stores, i, seededRandom(seeds[i] as number), model).catch((error: unknown) =>
        model.fault(`client ${i}: ${error}`),
      ),
    ),
  );
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const first = stores[0] as Store;
  model.expectCounts(await counts(first, KEYS));
  const { holders, waiters } = await first.locks();
  if (holders.length + waiters.length > 0) model.fault(`${holders.length} locks and ${waiters.length} waits are left`);
  for (const store of stores) store.close();
  await server.close();
  process.stdout.write(`${clients} clients in ${seconds} s: ${model.summary()}\n`);
  return model.faults;
}

const { positionals } = parseArgs({ allowPositionals: true });
const [clients, seed] = positionals.map(Number);
const faults = await run(clients ?? 1_000, seed ?? 1);
for (const fault of faults.slice(0, 20)) process.stdout.write(`FAULT ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
