import { expect, test } from "@jest/globals";
import { ManualClock } from "../support/manual-clock.ts";

test("stands still until it is advanced, and then moves both times", () => {
  const clock = new ManualClock(1000);
  expect([clock.now(), clock.monotonic()]).toEqual([1000, 0]);
  clock.advance(5);
  expect([clock.now(), clock.monotonic()]).toEqual([1005, 5]);
});

test("the wall time can jump without the monotonic one", () => {
  const clock = new ManualClock(1000);
  clock.advance(5);
  clock.setWall(7);
  expect([clock.now(), clock.monotonic()]).toEqual([7, 5]);
});

test("runs what falls due, once, in order, each at its own time", () => {
  const clock = new ManualClock(0);
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.monotonic()}`);
  clock.after(10, note("late"));
  clock.after(5, note("first"));
  clock.after(5, note("second"));
  clock.after(11, note("too late"));
  clock.after(-1, note("now"));
  expect(ran).toEqual([]);
  clock.advance(10);
  expect(ran).toEqual(["now@0", "first@5", "second@5", "late@10"]);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(ran.at(-1)).toBe("too late@11");
  expect(clock.pending).toBe(0);
});

test("runs what a timer sets, if that is due too, and not what was cancelled", () => {
  const clock = new ManualClock(0);
  const ran: number[] = [];
  const tick = () => {
    ran.push(clock.monotonic());
    clock.after(3, tick);
  };
  clock.after(3, tick);
  const cancel = clock.after(4, () => ran.push(-1));
  cancel();
  cancel();
  clock.advance(10);
  expect(ran).toEqual([3, 6, 9]);
});
