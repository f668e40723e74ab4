import { expect, test } from "@jest/globals";
import type { Answer } from "../../protocol/events.ts";
import { Dispatcher } from "../../server/transport/dispatch.ts";
import { handlersWith, scriptedPeer, someRooms } from "../support/door-parts.ts";
import { liveHeap } from "../support/heap.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { readableLog } from "../support/readable-log.ts";

const MiB = 2 ** 20;
const REQUESTS = 64;

/** A text that shares its memory with no other, on the heap. */
function text(bytes: number, letter: number): string {
  return JSON.parse(`"${String.fromCharCode(97 + (letter % 26)).repeat(bytes)}"`);
}

test.each([
  ["alone", (value: string, i: number) => ["put", { key: `k${i % 3}`, value }]],
  [
    "in a batch whose answers take more than a page",
    (value: string, i: number) => [
      "batch",
      {
        batch: i,
        requests: [
          ["put", { key: `k${i % 3}`, value }],
          ["get", { key: "big" }],
          ["get", { key: "big" }],
        ],
      },
    ],
  ],
])("a request that came %s is not kept for as long as its answer waits to be taken", async (_how, request) => {
  const rooms = someRooms({ logBytes: MiB });
  const dispatcher = new Dispatcher(
    handlersWith({ put: (caller, input) => rooms.ask("put", caller, input) }),
    rooms,
    readableLog(),
  );
  const { peer, waiting } = scriptedPeer(new ManualClock());
  const ask = (args: readonly unknown[]): Promise<Answer<unknown>> =>
    new Promise((resolve) => dispatcher.handle(peer, [...args, resolve]));
  await ask(["put", { key: "big", value: text(MiB, 0) }]);
  waiting(100 * MiB);
  const before = liveHeap();
  const answers = Array.from({ length: REQUESTS }, (_, i) => ask(request(text(MiB, i), i)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(peer.unanswered).toBeGreaterThanOrEqual(REQUESTS);
  // The room has three of them, and its log one.
  expect(liveHeap() - before).toBeLessThan(8 * MiB);
  waiting(0);
  for (const answer of await Promise.all(answers)) expect(answer.ok).toBe(true);
  expect(peer.unanswered).toBe(0);
});
