import { expect, test } from "@jest/globals";
import { DueQueue } from "../../server/engine/memory/due-queue.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { freshSeed, seededRandom } from "../support/random.ts";

const seed = freshSeed();

test(`what is due runs when it is due, soonest first, and not what was cancelled, seed ${seed}`, () => {
  const random = seededRandom(seed);
  const clock = new ManualClock();
  const ran: number[] = [];
  const queue = new DueQueue(clock, () => undefined);
  const expected: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    const ms = random.int(1_000);
    const due = queue.after(ms, () => {
      expect(clock.monotonic()).toBe(ms);
      ran.push(ms);
    });
    if (random.int(3) > 0) queue.cancel(due);
    else expected.push(ms);
  }
  clock.advance(1_000);
  expect(ran).toEqual(expected.sort((a, b) => a - b));
  expect([clock.pending, queue.size]).toEqual([0, 0]);
});

test("no timer is asked to wait for longer than timers can", () => {
  const clock = new ManualClock();
  const asked: number[] = [];
  const after = (ms: number, run: () => void) => {
    asked.push(ms);
    return clock.after(ms, run);
  };
  let isOver = false;
  const queue = new DueQueue({ now: () => 0, monotonic: () => clock.monotonic(), after }, () => undefined);
  queue.after(2 ** 32, () => {
    isOver = true;
  });
  clock.advance(2 ** 32 - 1);
  expect(isOver).toBe(false);
  clock.advance(1);
  expect(isOver).toBe(true);
  expect(Math.max(...asked)).toBeLessThan(2 ** 31);
});

test("what is cancelled again and again takes no more room than what is not", () => {
  const queue = new DueQueue(new ManualClock(), () => undefined);
  for (let i = 0; i < 10_000; i++) queue.cancel(queue.after(1_000, () => undefined));
  expect(queue.size).toBeLessThan(200);
  queue.close();
});
