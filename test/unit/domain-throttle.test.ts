import { expect, test } from "@jest/globals";
import { Throttle } from "../../server/domain/throttle.ts";
import { hasSettled, rejectionOf } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";

const MINUTE = 60_000;

function setUp() {
  const clock = new ManualClock();
  return { clock, throttle: new Throttle(clock) };
}

function fail(throttle: Throttle, subject: string, times: number): void {
  for (let i = 0; i < times; i++) throttle.failed([subject]);
}

/** How long an attempt has to wait; time goes on by as much. */
async function waitOf(clock: ManualClock, throttle: Throttle, ...subjects: string[]): Promise<number> {
  const start = clock.monotonic();
  const admitted = throttle.admit(subjects);
  while (!(await hasSettled(admitted)) && clock.monotonic() - start < 10_000) clock.advance(50);
  await admitted;
  return clock.monotonic() - start;
}

test("whoever has not failed waits for nothing", async () => {
  const { clock, throttle } = setUp();
  await throttle.admit([]);
  await throttle.admit(["ann", "here"]);
  expect(clock.pending).toBe(0);
});

test("three failures are free; then the delay doubles with each, until an attempt is refused", async () => {
  const { clock, throttle } = setUp();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    waits.push(await waitOf(clock, throttle, "ann"));
    throttle.failed(["ann"]);
  }
  expect(waits).toEqual([0, 0, 0, 500, 1000, 2000, 4000]);
  const refusal = await rejectionOf(throttle.admit(["ann"]));
  expect([refusal.code, refusal.message]).toEqual(["rate_limited", "Too many wrong attempts. Try again in 8 seconds."]);
  clock.advance(2_999);
  expect((await rejectionOf(throttle.admit(["ann"]))).message).toMatch(/in 6 seconds/);
  clock.advance(1);
  expect(await waitOf(clock, throttle, "ann")).toBe(5_000);
});

test("what many share has twenty free failures, and then the same delays", async () => {
  const { clock, throttle } = setUp();
  const school = { shared: "school" };
  for (let i = 0; i < 19; i++) throttle.failed([school]);
  expect(throttle.isOpen([school])).toBe(true);
  throttle.failed([school]);
  expect(throttle.isOpen([school])).toBe(false);
  clock.advance(500);
  expect(throttle.isOpen([school])).toBe(true);
  throttle.failed([school]);
  clock.advance(999);
  expect(throttle.isOpen([school])).toBe(false);
  throttle.succeeded(school);
  expect(throttle.isOpen([school])).toBe(true);
});

test("an attempt waits to the millisecond", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "ann", 3);
  const admitted = throttle.admit(["ann"]);
  clock.advance(499);
  expect(await hasSettled(admitted)).toBe(false);
  clock.advance(1);
  expect(await hasSettled(admitted)).toBe(true);
});

test("failures in parallel add up", async () => {
  const { clock, throttle } = setUp();
  // 500 + 1000 + 2000
  fail(throttle, "ann", 5);
  expect(await waitOf(clock, throttle, "ann")).toBe(3_500);
  // A delay that has passed is not owed again.
  clock.advance(MINUTE);
  fail(throttle, "ann", 1);
  expect(await waitOf(clock, throttle, "ann")).toBe(4_000);
});

test("a single delay is at most half a minute", async () => {
  const { clock, throttle } = setUp();
  // 0.5 + 1 + 2 + 4 + 8 + 16 + 30 + 30
  fail(throttle, "ann", 10);
  expect((await rejectionOf(throttle.admit(["ann"]))).message).toMatch(/in 92 seconds/);
  clock.advance(90_000);
  expect(await waitOf(clock, throttle, "ann")).toBe(1_500);
});

test("the slowest of the subjects counts, and each is held to its own failures", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "ann", 4);
  fail(throttle, "here", 3);
  expect(await waitOf(clock, throttle, "bob")).toBe(0);
  expect(await waitOf(clock, throttle, "bob", "here")).toBe(500);
  expect(await waitOf(clock, throttle, "ann", "here")).toBe(1_000);
});

test("all the subjects of a failed attempt are slowed", async () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 3; i++) throttle.failed(["ann", "here"]);
  expect(await waitOf(clock, throttle, "here")).toBe(500);
  for (let i = 0; i < 1; i++) throttle.failed(["ann"]);
  expect(await waitOf(clock, throttle, "ann")).toBe(1_000);
});

test("a success forgives its subject, and no other", async () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 3; i++) throttle.failed(["ann", "here"]);
  throttle.succeeded("ann");
  expect(await waitOf(clock, throttle, "ann")).toBe(0);
  expect(await waitOf(clock, throttle, "here")).toBe(500);
  fail(throttle, "ann", 2);
  expect(await waitOf(clock, throttle, "ann")).toBe(0);
});

test("fifteen minutes after the delay all is forgiven, and not a moment earlier", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "ann", 3);
  clock.advance(500 + 15 * MINUTE - 1);
  fail(throttle, "ann", 1);
  expect(await waitOf(clock, throttle, "ann")).toBe(1_000);
  clock.advance(15 * MINUTE);
  fail(throttle, "ann", 2);
  expect(await waitOf(clock, throttle, "ann")).toBe(0);
  fail(throttle, "ann", 1);
  expect(await waitOf(clock, throttle, "ann")).toBe(500);
});

test("a jump of the wall clock forgives nothing", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "ann", 3);
  clock.setWall(clock.now() + 60 * MINUTE);
  expect(await waitOf(clock, throttle, "ann")).toBe(500);
});

test("remembers ten thousand subjects; the one that failed longest ago gives way", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "first", 3);
  fail(throttle, "second", 3);
  for (let i = 0; i < 9_998; i++) fail(throttle, `other ${i}`, 1);
  fail(throttle, "first", 1);
  fail(throttle, "one more", 1);
  expect(await waitOf(clock, throttle, "second")).toBe(0);
  expect(await waitOf(clock, throttle, "first")).toBe(1_500);
});

test("tells without waiting whether an attempt may be made", () => {
  const { clock, throttle } = setUp();
  expect(throttle.isOpen(["ann"])).toBe(true);
  fail(throttle, "ann", 3);
  expect(throttle.isOpen(["ann"])).toBe(false);
  expect(throttle.isOpen(["bob", "ann"])).toBe(false);
  clock.advance(500);
  expect(throttle.isOpen(["bob", "ann"])).toBe(true);
});
