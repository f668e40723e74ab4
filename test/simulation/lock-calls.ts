/** Calls about locks, counted. */
import type { LockOptions } from "../../client/sdk/types.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import type { RecordedStore } from "../history/recorded-store.ts";
import { nextValue } from "./deeds.ts";
import type { Program } from "./program.ts";
import type { World } from "./world.ts";

export function whoMayWrite(world: World, room: string): readonly Program[] {
  return world.programs.filter(({ user }) => user === room || world.roleOf(user) === "manager");
}

export function giveUp(program: Program, room: string, keys: readonly string[]): void {
  void program.call(room, (store) => store.room(room).unlock(keys));
}

export async function lock(
  world: World,
  program: Program,
  room: string,
  keys: readonly string[],
  options: LockOptions,
  held: (fence: number) => void,
): Promise<void> {
  await program.call(room, async (store: RecordedStore) => {
    try {
      const { fence } = await store.room(room).lock(keys, options);
      held(fence);
    } catch (error) {
      note(world, error, options);
      throw error;
    }
  });
}

function note({ tally }: World, error: unknown, { waitMs = 0 }: LockOptions): void {
  if (!(error instanceof KeyroomError)) return;
  if (error.code === "locked") tally.count(waitMs > 0 ? "waits that timed out" : "locks refused");
  if (error.code === "conflict" && error.message.includes("would never end")) tally.count("cycles refused");
}

/** Puts under a lock, whether it is held still or not. */
export function putFenced(world: World, program: Program, room: string, key: string, fence: number): void {
  const value = nextValue(world, room, key);
  void program.call(room, async (store) => {
    try {
      await store.room(room).put(key, value, { fence });
      world.tally.count("writes by a fence");
    } catch (error) {
      if (error instanceof KeyroomError && error.code === "stale_fence") world.tally.count("stale fences met");
      throw error;
    }
  });
}
