import { KeyroomError } from "../../protocol/errors.ts";
import type { ConnectOptions } from "./types.ts";

/** Above it, timers fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws KeyroomError `invalid`, before anything is tried */
export function checkOptions(url: string, { deadlineMs = 1 }: ConnectOptions): void {
  if (!isServer(url)) {
    throw new KeyroomError("invalid", "That is no server's URL: give one like http://127.0.0.1:3000.");
  }
  if (!(deadlineMs >= 1 && deadlineMs <= MAX_TIMER_MS)) {
    throw new KeyroomError("invalid", `deadlineMs is ${deadlineMs}, and must be from 1 to ${MAX_TIMER_MS}.`);
  }
}

/** A path would be taken for a Socket.IO namespace, which no server of ours has. */
function isServer(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { origin, href } = new URL(url);
  return href === `${origin}/`;
}
