import { expect, test } from "@jest/globals";
import { type Subject, Throttle } from "../../server/domain/throttle.ts";
import { hasSettled, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
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
async function waitOf(clock: ManualClock, throttle: Throttle, ...subjects: Subject[]): Promise<number> {
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
  expect(await waitOf(clock, throttle, school)).toBe(0);
  throttle.failed([school]);
  expect(await waitOf(clock, throttle, school)).toBe(500);
  throttle.failed([school]);
  expect(await waitOf(clock, throttle, school)).toBe(1_000);
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

test("however often somebody fails, nobody is shut out for longer than half a minute", async () => {
  const { clock, throttle } = setUp();
  fail(throttle, "ann", 64);
  expect((await rejectionOf(throttle.admit(["ann"]))).message).toMatch(/in 30 seconds/);
  clock.advance(28_500);
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

test("a success forgives the first subject, and no other", async () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 2; i++) throttle.failed(["ann", "here"]);
  expect(await throttle.attempt(["ann", "here"], async () => true)).toBe(true);
  throttle.failed(["ann", "here"]);
  expect(await waitOf(clock, throttle, "ann")).toBe(0);
  expect(await waitOf(clock, throttle, "here")).toBe(500);
  fail(throttle, "ann", 1);
  expect(await throttle.attempt(["ann"], async () => true)).toBe(true);
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

/** An attempt that is under way until it is ended by hand. */
function attempts(throttle: Throttle, count: number, ...subjects: [Subject, ...Subject[]]) {
  const ends: ((succeeded: boolean) => void)[] = [];
  const made = Array.from({ length: count }, () =>
    throttle.attempt(subjects, () => new Promise<boolean>((resolve) => ends.push(resolve))),
  );
  return { ends, made };
}

test("attempts under way count as if they failed: no more of them at once than failures are free", async () => {
  const { throttle } = setUp();
  throttle.failed(["ann"]);
  const { ends, made } = attempts(throttle, 4, "ann");
  const others = attempts(throttle, 30, "bob", { shared: "school" });
  await settle();
  expect(ends).toHaveLength(2);
  // Of bob's own three; the school would have let twenty through.
  expect(others.ends).toHaveLength(3);
  ends[0]?.(true);
  expect(await made[0]).toBe(true);
  await settle();
  // All is forgiven: with the second there are three again.
  expect(ends).toHaveLength(4);
});

test("of many attempts at once no more go wrong than one after the other", async () => {
  const { clock, throttle } = setUp();
  let checks = 0;
  const answers = Array.from({ length: 64 }, () =>
    throttle
      .attempt(["ann"], async () => {
        checks++;
        return false;
      })
      .catch((error: unknown) => error),
  );
  while (!(await hasSettled(Promise.all(answers)))) clock.advance(50);
  // Three at once, and one each after 0.5, 1.5, 3.5 and 7.5 s.
  expect(checks).toBe(7);
  expect(clock.monotonic()).toBeLessThanOrEqual(8_000);
});

test("an attempt that breaks off counts as none, and lets the next one go on", async () => {
  const { clock, throttle } = setUp();
  const failing = () => throttle.attempt(["ann"], () => Promise.reject(new Error("out of memory")));
  const all = await Promise.allSettled(Array.from({ length: 10 }, failing));
  expect(all.every(({ status }) => status === "rejected")).toBe(true);
  expect(await throttle.attempt(["ann"], async () => true)).toBe(true);
  expect(clock.pending).toBe(0);
});

test("right attempts in parallel all get through, however many", async () => {
  const { clock, throttle } = setUp();
  throttle.failed(["ann", { shared: "school" }]);
  const all = Array.from({ length: 200 }, () => throttle.attempt(["ann", { shared: "school" }], async () => true));
  expect(await Promise.all(all)).toEqual(all.map(() => true));
  expect(clock.pending).toBe(0);
});
