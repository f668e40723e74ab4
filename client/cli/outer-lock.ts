/** The lock under which this process itself was started, by `lock KEY -- COMMAND`, and what writes say of it. */
import { Fence } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { ClaimOptions } from "../sdk/index.ts";
import { variable } from "../terminal/environment.ts";
import { parseJson } from "../terminal/parse-json.ts";
import { type Behind, wholeNumber } from "./behind.ts";

/** As the environment has it. */
export interface OuterLock {
  readonly fence: string;
  /** Undefined stands for every room, or every key. */
  readonly room: string | undefined;
  readonly keys: readonly unknown[] | undefined;
}

/** What a command finds in its environment. */
export function lockVariables(fence: number, room: string, keys: readonly string[]): Readonly<Record<string, string>> {
  return { LOCK_FENCE: String(fence), LOCK_ROOM: room, LOCK_KEYS: JSON.stringify(keys) };
}

export function readOuterLock(env: NodeJS.ProcessEnv): OuterLock | undefined {
  const fence = variable(env, "LOCK_FENCE");
  if (fence === undefined) return undefined;
  const keys = parseJson(variable(env, "LOCK_KEYS") ?? "");
  return { fence, room: variable(env, "LOCK_ROOM"), keys: Array.isArray(keys) ? keys : undefined };
}

interface Claiming extends Pick<Behind, "fence" | "waitMs"> {
  readonly roomName: string;
  readonly outerLock: OuterLock | undefined;
}

/**
 * What a write says of locks. The fence of the lock around this process is for the keys that the lock is on: other keys
 * are written as if there were none.
 * @param keys undefined where nobody knows which are changed
 * @throws UsageError, KeyroomError for a LOCK_FENCE that is none
 */
export function claimOf({ fence, waitMs, roomName, outerLock }: Claiming, keys?: readonly string[]): ClaimOptions {
  if (fence !== undefined) return { fence };
  if (outerLock !== undefined && isAbout(outerLock, roomName, keys)) {
    return { fence: parse(Fence, "LOCK_FENCE", wholeNumber("LOCK_FENCE", outerLock.fence)) };
  }
  return waitMs === undefined ? {} : { waitMs };
}

function isAbout({ room, keys: locked }: OuterLock, name: string, keys: readonly string[] | undefined): boolean {
  if (room !== undefined && room !== name) return false;
  return locked === undefined || keys === undefined || keys.some((key) => locked.includes(key));
}
