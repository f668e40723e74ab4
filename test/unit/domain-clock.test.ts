import { expect, test } from "@jest/globals";
import { systemClock } from "../../server/adapters/system-clock.ts";

test("tells the wall time, and a time that never goes back", () => {
  const [before, now, after] = [Date.now(), systemClock.now(), Date.now()];
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(after);
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
  // Counted from the start of the process: no time of day could be mistaken for it.
  expect(first).toBeLessThan(now / 2);
});

test("a timer runs after its time, unless it was cancelled before", async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(0, () => ran.push("cancelled"));
  const from = systemClock.monotonic();
  const late = new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      ran.push("late");
      resolve();
    });
  });
  cancel();
  await late;
  // Timers may be a millisecond early by another clock's reckoning.
  expect(systemClock.monotonic() - from).toBeGreaterThanOrEqual(18);
  expect(ran).toEqual(["late"]);
});
