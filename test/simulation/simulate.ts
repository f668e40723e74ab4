import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { check } from "../history/check.ts";
import type { History, Violation } from "../history/history.ts";
import { valuesOf } from "../history/values.ts";
import { happen } from "./deeds.ts";
import { ProgramFault } from "./following.ts";
import { happenToLocks } from "./lock-deeds.ts";
import type { Plant } from "./plant.ts";
import type { Tally } from "./tally.ts";
import { World } from "./world.ts";

const STEPS = 60;
/** For a dead line to be noticed, a connection to be restored and a watch to be asked anew, each at its slowest. */
const HEALING_MS = 26_000;
/** Three entries or so. */
const PAGE_BYTES = 700;
/** Longer than any deadline. */
const SETTLING_MS = 11_000;

/** What one run was. */
export interface Run {
  readonly history: History;
  readonly tally: Tally;
  readonly violations: readonly Violation[];
}

/**
 * One run: things happen by chance, then everything heals and everybody catches up.
 * @param withLocks whether programs lock as well; as a seed without them goes, it went before there were any
 */
export async function simulate(seed: number, plant: Plant, withLocks = true): Promise<Run> {
  const restore = [letProgramsThrow(), withoutStacks(), withSmallPages()];
  try {
    const world = new World(seed, plant);
    await world.begin();
    for (let step = 0; step < STEPS; step++) {
      for (let deeds = world.random.pick([1, 1, 1, 3, 5]); deeds > 0; deeds--) await happen(world);
      if (withLocks) happenToLocks(world);
      await world.pass(world.random.pick([0, 1, 10, 50, 300]));
    }
    await heal(world);
    const { history, tally } = world;
    tallyLifetimes(history, tally);
    return { history, tally, violations: [...world.faults, ...check(history)] };
  } finally {
    for (const undo of restore) undo();
  }
}

function tallyLifetimes(history: History, tally: Tally): void {
  for (const { end, life } of valuesOf(history).values) {
    if (end === "deleted")
      tally.count(life.ephemeral === true && life.ttlMs === undefined ? "ephemeral keys gone" : "expiries");
  }
}

async function heal(world: World): Promise<void> {
  world.heal();
  for (const program of world.programs) program.start();
  await world.pass(HEALING_MS);
  for (const doubt of world.doubts) world.settle(doubt);
  await world.pass(SETTLING_MS);
  for (const program of world.programs) {
    const { name, underWay } = program;
    if (underWay > 0) world.fault("sound", `${name} has ${underWay} calls without an end.`);
    if (program.store?.store.state !== "connected") world.fault("sound", `${name} does not get back.`);
    for (const { question, watch } of program.followings) {
      if (watch.state === "live") continue;
      world.fault("sound", `${name} follows ${JSON.stringify(question)}, but stays ${watch.state}.`);
    }
  }
  await world.rest();
}

/** What a program's listeners throw comes to nobody's ears; anything else does. */
function letProgramsThrow(): () => void {
  const { queueMicrotask } = globalThis;
  globalThis.queueMicrotask = (run) =>
    queueMicrotask(() => {
      try {
        run();
      } catch (error) {
        if (!(error instanceof ProgramFault)) throw error;
      }
    });
  return () => {
    globalThis.queueMicrotask = queueMicrotask;
  };
}

/** So that snapshots, replays and lists come in pages, as large rooms have them. */
function withSmallPages(): () => void {
  const { pageBytes } = FIXED_LIMITS;
  Object.assign(FIXED_LIMITS, { pageBytes: PAGE_BYTES });
  return () => void Object.assign(FIXED_LIMITS, { pageBytes });
}

/** Refusals are ordinary here, and where each was made is what costs most about them. */
function withoutStacks(): () => void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
  };
}
