/** What it costs to give a key up, counted in steps through sets and maps: time would say nothing on a busy machine. */
import { afterEach, expect, test } from "@jest/globals";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { LockMode, Operation, Outcome } from "../../server/engine/port.ts";
import { ManualClock } from "../support/manual-clock.ts";

const PROTOTYPES = [new Set().values(), new Map().values()].map(
  (iterator) => Object.getPrototypeOf(iterator) as { next: () => unknown },
);
const ORIGINALS = PROTOTYPES.map(({ next }) => next);

afterEach(restore);

function restore(): void {
  PROTOTYPES.forEach((prototype, i) => {
    prototype.next = ORIGINALS[i] as () => unknown;
  });
}

/** The steps that are gone through while something is done. */
async function steps(act: () => Promise<unknown>): Promise<number> {
  let count = 0;
  PROTOTYPES.forEach((prototype, i) => {
    const original = ORIGINALS[i] as () => unknown;
    prototype.next = function next(this: unknown) {
      count++;
      return original.call(this);
    };
  });
  await act();
  restore();
  return count;
}

function lock(owner: string, keys: readonly string[], mode: LockMode): Operation {
  return { kind: "lock", by: owner, owner, keys, mode, claim: { waitMs: 60_000 } };
}

/** Somebody holds the key, and so many wait for it. */
async function crowd(count: number, mode: (i: number) => LockMode) {
  const engine = new MemoryEngine({}, new ManualClock());
  const run = async (operation: Operation) => (await engine.run("room", [operation]))[0];
  await run(lock("holder", ["hot"], "exclusive"));
  for (let i = 0; i < count; i++) {
    expect(await run(lock(`waiter ${i}`, ["hot"], mode(i)))).toMatchObject({ kind: "parked" });
  }
  const unlock = (owner: string) => run({ kind: "unlock", by: owner, owner, keys: ["hot"] });
  return { engine, run, unlock };
}

const FEW = 10;
const MANY = 1_000;

test("the counting sees what it is to see", async () => {
  const many = new Set(Array.from({ length: MANY }, (_, i) => i));
  expect(await steps(async () => [...many])).toBe(MANY + 1);
  expect(
    await steps(async () => {
      for (const _ of many);
    }),
  ).toBe(MANY + 1);
});

test("with a thousand who wait for a key, giving it up costs no more than with ten", async () => {
  const costs: number[] = [];
  for (const count of [FEW, MANY]) {
    const { unlock } = await crowd(count, () => "exclusive");
    const first = await steps(() => unlock("holder"));
    costs.push(first, await steps(() => unlock("waiter 0")));
  }
  expect(costs.slice(2)).toEqual(costs.slice(0, 2));
});

test("with a thousand who wait for a key, one that gives up its wait costs no more than with ten", async () => {
  const costs: number[] = [];
  for (const count of [FEW, MANY]) {
    const { engine } = await crowd(count, () => "exclusive");
    costs.push(await steps(() => engine.revokeLocks("waiter 0")), await steps(() => engine.revokeLocks("waiter 5")));
  }
  expect(costs.slice(2)).toEqual(costs.slice(0, 2));
});

test("to come as the last of a thousand costs no more than as the last of ten", async () => {
  const costs: number[] = [];
  for (const count of [FEW, MANY]) {
    const { run } = await crowd(count, () => "exclusive");
    costs.push(await steps(() => run(lock("last", ["hot"], "shared"))));
  }
  expect(costs[1]).toBeLessThan((costs[0] as number) * 2 + 40);
});

test("a thousand readers who are let in together cost as much each as ten do", async () => {
  const costs: number[] = [];
  for (const count of [FEW, MANY]) {
    const { unlock } = await crowd(count, () => "shared");
    costs.push((await steps(() => unlock("holder"))) / count);
  }
  expect(costs[1]).toBeLessThan((costs[0] as number) * 1.5);
});

test("to look for a circle costs a thousand who hold and a thousand who wait for a key once each", async () => {
  const engine = new MemoryEngine({}, new ManualClock());
  const run = async (operation: Operation) => (await engine.run("room", [operation]))[0];
  for (let i = 0; i < MANY; i++) await run(lock(`holder ${i}`, ["hot"], "shared"));
  for (let i = 0; i < MANY; i++) await run(lock(`waiter ${i}`, ["hot"], "exclusive"));
  await run(lock("last", ["cold"], "exclusive"));
  let outcome: Outcome | undefined;
  const cost = await steps(async () => {
    outcome = await run(lock("last", ["hot"], "exclusive"));
  });
  expect(outcome).toMatchObject({ kind: "parked" });
  expect(cost).toBeLessThan(20 * MANY);
});

test("who shares a key gives it up at the same cost, however many wait to share it and are held up elsewhere", async () => {
  const costs: number[] = [];
  for (const count of [FEW, MANY]) {
    const engine = new MemoryEngine({}, new ManualClock());
    const run = async (operation: Operation) => (await engine.run("room", [operation]))[0];
    for (const name of ["one", "two"]) await run(lock(name, ["hot"], "shared"));
    await run(lock("other", ["cold"], "exclusive"));
    for (let i = 0; i < count; i++) await run(lock(`waiter ${i}`, ["hot", "cold"], "shared"));
    costs.push(await steps(() => run({ kind: "unlock", by: "one", owner: "one", keys: ["hot"] })));
  }
  expect(costs[1]).toBe(costs[0]);
});
