/** What somebody is told whose operation the locks do not allow. */
import type { ErrorCode } from "../../../protocol/errors.ts";
import { quoted } from "../../../protocol/text.ts";
import type { Refused } from "../port.ts";
import type { Obstacle } from "./lock-table.ts";

/** @param now wall time in ms since 1970 */
export function locked({ key, mode, user, since, waits }: Obstacle, now: number): Refused {
  const ms = Math.max(0, now - since);
  const time = ms < 1_000 ? "less than a second" : `${Math.floor(ms / 1_000)} s`;
  const state = waits
    ? `is what ${user} waits for, who came first, ${time} ago`
    : `is locked by ${user} (${mode}, for ${time} now)`;
  const message = `The key ${quoted(key)} ${state}. Wait for it with \`waitMs\`, or try again later.`;
  return { ...refused("locked", message), holder: { key, mode, user, since } };
}

export function staleFence(key: string, fence: number): Refused {
  const message = `The fence ${fence} is not that of a live exclusive lock on ${quoted(key)}. Lock all that is to be changed, and again what was lost.`;
  return refused("stale_fence", message);
}

export function roomDeleted(room: string): Refused {
  return refused("not_found", `The room ${room} was deleted, with its locks.`);
}

export const DEADLOCK = refused(
  "conflict",
  "This wait would never end: whoever is in the way waits for what you hold. Unlock, and lock all at once.",
);

export const CANCELLED = refused(
  "conflict",
  "The wait was given up: this client has unlocked a key that it waited for.",
);

export const REVOKED = refused("forbidden", "You may not lock keys of this room any more.");

export const CLOSING = refused("unavailable", "The server is closing. Try again in a moment.");

export const NO_ROOM = refused(
  "quota",
  "Too many keys are locked, or too much waits for locks. Unlock what is not needed any more, or try again later.",
);

function refused(code: ErrorCode, message: string): Refused {
  return { kind: "refused", code, message };
}
