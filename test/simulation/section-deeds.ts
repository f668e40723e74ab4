/** What programs do by functions that run under locks. */
import type { HeldLock, LockOptions } from "../../client/sdk/types.ts";
import { nextValue } from "./deeds.ts";
import { putFenced, whoMayWrite } from "./lock-calls.ts";
import type { Program } from "./program.ts";
import type { World } from "./world.ts";

/** Of functions that run under locks: nothing else locks these, as what a session holds is all its functions'. */
const SECTION_KEYS = ["s", "s1", "s2"];

/** Functions that run under locks: of one program, which take turns too, and of another. */
export function sections(world: World, program: Program, room: string): void {
  const { locking, turns, network, graceMs } = world;
  const others = locking.shuffle(whoMayWrite(world, room)).slice(0, 1);
  for (const each of [program, program, ...others]) {
    const keys = locking.shuffle(SECTION_KEYS).slice(0, 1 + locking.int(2));
    const options: LockOptions = {
      mode: locking.pick(["exclusive", "exclusive", "shared"] as const),
      waitMs: locking.pick([1_000, 6_000]),
      ...(locking.int(4) === 0 ? { leaseMs: 500 + locking.int(1_000) } : {}),
    };
    const workMs = locking.int(locking.pick([300, 2_000]));
    // Frozen for longer than its session outlives that.
    const frozenMs = locking.int(6) === 0 ? graceMs + 13_000 : 0;
    turns.clock.after(locking.int(500), () => {
      void runSection(world, each, room, keys, options, async (lock) => {
        if (frozenMs > 0) network.cutOff(each.name);
        await within(world, lock.signal, workMs + frozenMs);
        network.reachAgain(each.name);
        if (options.mode !== "shared") putFenced(world, each, room, keys[0] ?? "", lock.fence);
      });
    });
    turns.clock.after(locking.int(1_500), () => putPlainly(world, locking.pick(world.programs), room, keys[0] ?? ""));
  }
}

async function runSection(
  { tally }: World,
  program: Program,
  room: string,
  keys: readonly string[],
  options: LockOptions,
  body: (lock: HeldLock) => Promise<void>,
): Promise<void> {
  await program.call(room, async (store) => {
    await store.room(room).withLock(keys, options, async (lock) => {
      tally.count("functions under a lock");
      await body(lock);
      if (lock.signal.aborted) tally.count("functions that lost their lock");
    });
  });
}

/** Resolves after so many ms, or when the lock is lost, or at the end. */
function within({ turns, healing }: World, signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
    turns.clock.after(ms, resolve);
    void healing.then(resolve);
  });
}

function putPlainly(world: World, program: Program, room: string, key: string): void {
  void program.call(room, (store) => store.room(room).put(key, nextValue(world, room, key)));
}
