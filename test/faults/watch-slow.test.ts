/** Clients that do not read what they are sent: nobody else feels them, and they cost a bounded memory. */
import { expect, test } from "@jest/globals";
import { liveHeap } from "../support/heap.ts";
import type { PlainClient } from "../support/plain-client.ts";
import { PlainWatch } from "../support/plain-watch.ts";
import { starter } from "../support/start.ts";

const { serve, plain } = starter();
const MiB = 2 ** 20;
const auth = { user: "ann", password: "secret" };

interface Pausable {
  pause(): void;
  resume(): void;
}

/** The WebSocket of a client: paused, the system's buffers fill up and the server's writes wait. */
function lineOf(client: PlainClient): Pausable {
  return Reflect.get(client.socket.io.engine.transport, "ws") as Pausable;
}

/** Bytes of the process that are in use, in and out of the heap. */
function memory(): number {
  return liveHeap() + process.memoryUsage().external;
}

/** Signed in, and watching the room `ann`. */
async function watcher(url: string, watch = {}): Promise<{ client: PlainClient; watch: PlainWatch }> {
  const client = plain(url, auth, { reconnection: false });
  await client.session();
  return { client, watch: (await PlainWatch.open(client, watch))[0] };
}

test("one that stops reading is caught up in order from the log when it goes on; others have everything meanwhile", async () => {
  const { url } = await serve({ limits: { logBytes: 64 * MiB } });
  const [slow, quick, writer] = [await watcher(url), await watcher(url), await watcher(url, { key: "none" })];
  lineOf(slow.client).pause();
  const WRITES = 40;
  for (let i = 0; i < WRITES; i++) {
    await writer.client.value("put", { key: `k${i % 4}`, value: String(i).padEnd(800_000, ".") });
  }
  await quick.watch.reached(WRITES);
  expect(quick.watch.mirror.revisions).toEqual(Array.from({ length: WRITES }, (_, i) => i + 1));
  expect(slow.watch.mirror.revisions.length).toBeLessThan(WRITES);
  lineOf(slow.client).resume();
  await slow.watch.reached(WRITES);
  await writer.client.value("put", { key: "last", value: "" });
  await slow.watch.reached(WRITES + 1);
  expect(slow.watch.mirror).toMatchObject({ gaps: 0 });
  expect(slow.watch.mirror.revisions).toEqual(Array.from({ length: WRITES + 1 }, (_, i) => i + 1));
  expect(slow.watch.mirror.values).toEqual({ ...quick.watch.mirror.values, last: "" });
}, 30_000);

test("one that the log has moved past is told of the gap, and has the room as it is", async () => {
  const { url } = await serve({ limits: { logRecords: 4 } });
  const [slow, writer] = [await watcher(url), await watcher(url, { key: "none" })];
  lineOf(slow.client).pause();
  for (let i = 0; i < 40; i++) {
    await writer.client.value("put", { key: `k${i % 4}`, value: String(i).padEnd(800_000, ".") });
  }
  lineOf(slow.client).resume();
  await slow.watch.reached(40);
  expect(slow.watch.mirror.gaps).toBeGreaterThan(0);
  expect(Object.values(slow.watch.mirror.values).map((value) => Number.parseInt(value, 10))).toEqual([36, 37, 38, 39]);
}, 30_000);

test("many that stop reading cost a bounded memory, however much is written", async () => {
  const { url } = await serve({ limits: { logBytes: 4 * MiB } });
  const writer = await watcher(url, { key: "none" });
  const STALLED = 20;
  const stalled = await Promise.all(Array.from({ length: STALLED }, (_, i) => watcher(url, { copy: i + 1 })));
  for (const { client } of stalled) lineOf(client).pause();
  const before = memory();
  const value = "x".repeat(400_000);
  for (let i = 0; i < 100; i++) await writer.client.value("put", { key: "n", value });
  // Each: its budget, the push that passed it, and what the system holds for both ends; 40 MB would be all of it.
  expect((memory() - before) / STALLED).toBeLessThan(8 * MiB);
  for (const { client } of stalled) lineOf(client).resume();
  for (const { watch } of stalled) await watch.reached(100);
}, 30_000);
