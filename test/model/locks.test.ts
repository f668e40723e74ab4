/** The lock table against the plainest one that there could be: a list of holds and a list of waits, gone through anew. */
import { expect, test } from "@jest/globals";
import { LockTable } from "../../server/engine/memory/lock-table.ts";
import type { LockMode } from "../../server/engine/port.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";

interface Request {
  readonly id: number;
  readonly owner: string;
  readonly keys: readonly string[];
  readonly mode: LockMode;
  /** Whether it keeps the locks. */
  readonly holds: boolean;
}

const excludes = (a: LockMode, b: LockMode): boolean => a === "exclusive" || b === "exclusive";

class PlainTable {
  /** Key → owner → mode. */
  readonly held = new Map<string, Map<string, LockMode>>();
  waits: Request[] = [];
  readonly served: number[] = [];

  #blockers({ owner, keys, mode }: Request, earlier: readonly Request[]): string[] {
    return keys.flatMap((key) => {
      const holds = this.held.get(key) ?? new Map<string, LockMode>();
      const holders = [...holds]
        .filter(([other, held]) => other !== owner && excludes(held, mode))
        .map(([other]) => other);
      if (holds.has(owner)) return holders;
      const waiters = earlier.filter((other) => other.keys.includes(key) && excludes(other.mode, mode));
      return [...holders, ...waiters.map((other) => other.owner)];
    });
  }

  ask(request: Request): "served" | "waits" | "circle" {
    if (this.#blockers(request, this.waits).length === 0) {
      if (request.holds && this.#passes(request) && this.#isCircle(request)) return "circle";
      this.#serve(request);
      this.#settle();
      return "served";
    }
    if (this.#isCircle(request)) return "circle";
    this.waits.push(request);
    return "waits";
  }

  release(owner: string, keys: readonly string[]): void {
    for (const key of keys) this.held.get(key)?.delete(owner);
    this.#settle();
  }

  cancel(id: number): void {
    this.waits = this.waits.filter((wait) => wait.id !== id);
    this.#settle();
  }

  #serve({ id, owner, keys, mode, holds }: Request): void {
    this.served.push(id);
    if (!holds) return;
    for (const key of keys) {
      const all = this.held.get(key) ?? new Map<string, LockMode>();
      this.held.set(key, all.set(owner, all.get(owner) === "exclusive" ? "exclusive" : mode));
    }
  }

  #settle(): void {
    for (let again = true; again; ) {
      again = false;
      for (const [i, wait] of this.waits.entries()) {
        if (this.#blockers(wait, this.waits.slice(0, i)).length > 0) continue;
        this.waits.splice(i, 1);
        this.#serve(wait);
        again = true;
        break;
      }
    }
  }

  /** Whether somebody may wait for a key that it takes for itself, and its owner waits for something. */
  #passes({ owner, keys, mode }: Request): boolean {
    const isWaitedFor = keys.some((key) => this.waits.some((wait) => wait.keys.includes(key)));
    return mode === "exclusive" && isWaitedFor && this.waits.some((wait) => wait.owner === owner);
  }

  /** Those who share a key that is waited for, and want it for themselves: they will pass. */
  #risers({ owner, keys, mode }: Request, all: readonly Request[]): string[] {
    if (mode === "exclusive") return [];
    const rise = (other: Request, key: string): boolean =>
      other.mode === "exclusive" && other.keys.includes(key) && this.held.get(key)?.has(other.owner) === true;
    const found = all.filter((other) => other.owner !== owner && keys.some((key) => rise(other, key)));
    return found.map((other) => other.owner);
  }

  #isCircle(request: Request): boolean {
    const all = [...this.waits, request];
    const seen = new Set<string>();
    const open = [request.owner];
    for (let owner = open.pop(); owner !== undefined; owner = open.pop()) {
      for (const [i, wait] of all.entries()) {
        if (wait.owner !== owner) continue;
        for (const other of [...this.#blockers(wait, all.slice(0, i)), ...this.#risers(wait, all)]) {
          if (other === owner) continue;
          if (other === request.owner) return true;
          if (!seen.has(other)) open.push(other);
          seen.add(other);
        }
      }
    }
    return false;
  }
}

const OWNERS = ["ann", "bob", "cleo", "dan", "eve"];
const KEYS = ["a", "b", "c", "d"];

function randomRequest(random: Random, id: number): Request {
  const keys = KEYS.filter(() => random.int(3) === 0);
  return {
    id,
    owner: OWNERS[random.int(OWNERS.length)] as string,
    keys: keys.length === 0 ? ["a"] : keys,
    mode: random.int(3) === 0 ? "shared" : "exclusive",
    holds: random.int(4) > 0,
  };
}

function compare(seed: number, steps: number): { readonly circles: number; readonly handOvers: number } {
  const random = seededRandom(seed);
  const plain = new PlainTable();
  const served: number[] = [];
  let fence = 0;
  const table = new LockTable(
    () => 0,
    () => ++fence,
  );
  const waiting = new Map<number, NonNullable<ReturnType<LockTable["wait"]>>>();
  const ask = (request: Request): "served" | "waits" | "circle" => {
    const { id, owner, keys, mode, holds } = request;
    const wants = new Map(keys.map((key) => [key, mode]));
    const serve = (): void => {
      served.push(id);
      waiting.delete(id);
      if (holds) table.take(owner, owner, wants);
    };
    if (table.inTheWay(owner, wants, 1).length === 0) {
      if (holds && table.wouldCloseCycle(owner, wants)) return "circle";
      serve();
      return "served";
    }
    const waiter = table.wait(owner, owner, wants, serve);
    if (waiter === null) return "circle";
    waiting.set(id, waiter);
    return "waits";
  };
  let circles = 0;
  for (let id = 0; id < steps; id++) {
    const owner = OWNERS[random.int(OWNERS.length)] as string;
    const deed = random.int(10);
    if (deed < 6) {
      const request = randomRequest(random, id);
      const answer = ask(request);
      expect(answer).toBe(plain.ask(request));
      if (answer === "circle") circles++;
    } else if (deed < 9) {
      const keys = KEYS.filter(() => random.int(2) === 0);
      table.release(owner, keys);
      plain.release(owner, keys);
    } else {
      const wait = plain.waits[random.int(Math.max(1, plain.waits.length))];
      if (wait === undefined) continue;
      table.cancel(waiting.get(wait.id) as NonNullable<ReturnType<LockTable["wait"]>>);
      waiting.delete(wait.id);
      plain.cancel(wait.id);
    }
    expect([...waiting.keys()].sort()).toEqual(plain.waits.map((wait) => wait.id).sort());
    const held = [...table.holders()].map(({ key, owner: holder, mode }) => `${key} ${holder} ${mode}`).sort();
    const expected = [...plain.held].flatMap(([key, all]) =>
      [...all].map(([holder, mode]) => `${key} ${holder} ${mode}`),
    );
    expect(held).toEqual(expected.sort());
    expect([...served].sort((a, b) => a - b)).toEqual([...plain.served].sort((a, b) => a - b));
  }
  for (const one of OWNERS) table.release(one, KEYS);
  for (const waiter of waiting.values()) table.cancel(waiter);
  for (const one of OWNERS) table.release(one, KEYS);
  expect(table.size).toBe(0);
  return { circles, handOvers: served.length };
}

const SEEDS = Array.from({ length: 30 }, (_, i) => (i < 10 ? i : freshSeed()));

test(`grants, queues and circles are those of the plainest table, seeds ${SEEDS.join(" ")}`, () => {
  const found = SEEDS.map((seed) => compare(seed, 300));
  expect(found.reduce((sum, { circles }) => sum + circles, 0)).toBeGreaterThan(50);
  expect(found.reduce((sum, { handOvers }) => sum + handOvers, 0)).toBeGreaterThan(1_000);
});
