import { CLIENT_BUGS } from "./client-bugs.ts";
import { ENGINE_BUGS } from "./engine-bugs.ts";
import { LOCK_BUGS } from "./lock-bugs.ts";
import { LOG_BUGS } from "./log-bugs.ts";
import type { Planted } from "./planted.ts";
import { PUSH_BUGS } from "./push-bugs.ts";

/** All bugs that the simulation must find. */
export const PLANTED: readonly Planted[] = [...ENGINE_BUGS, ...LOG_BUGS, ...PUSH_BUGS, ...CLIENT_BUGS, ...LOCK_BUGS];
