/** What a signed-in store tells: versions, limits, and how far away the server is. */
import type { Limits } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { KeyroomError, type Store } from "../sdk/index.ts";
import { type Check, inMs, ok, problem, warning } from "./check.ts";

const ROUND_TRIPS = 5;
const SLOW_MS = 300;
const MiB = 1024 * 1024;

export function checkSignIn(refusal: KeyroomError, user: string | undefined): Check {
  if (user === undefined && refusal.code === "unauthenticated") {
    const says = "The server takes no anonymous guests, so its versions, limits and speed were not seen.";
    return warning("sign-in", says, "Sign in: add --user NAME.");
  }
  if (refusal.code === "unauthenticated") {
    return problem("sign-in", refusal.message, "Set KEYROOM_PASSWORD, or use --password-file FILE.");
  }
  return problem(
    "sign-in",
    refusal.message,
    refusal.retryable ? "Try again in a minute." : "Ask whoever runs the server.",
  );
}

/** @param version of this package */
export function checkVersions({ session }: Store, version: string): Check {
  const says = `The server speaks protocol ${session.protocol}, this client ${PROTOCOL_VERSION}`;
  const here = `(keyroom ${version}, Node ${process.versions.node})`;
  if (session.protocol === PROTOCOL_VERSION) return ok("versions", `Both speak protocol ${PROTOCOL_VERSION} ${here}.`);
  const older = session.protocol < PROTOCOL_VERSION ? "the server" : "this client";
  return warning("versions", `${says} ${here}.`, `Update ${older}: some of what the newer one can do is missing.`);
}

export function checkLimits({ session }: Store): Check {
  const { valueBytes, keyBytes, roomKeys, roomBytes }: Limits = session.limits;
  const sizes = `A value has at most ${size(valueBytes)}, a key ${size(keyBytes)}, a room ${roomKeys.toLocaleString("en")} keys and ${size(roomBytes)}.`;
  const kept =
    session.durability === "memory"
      ? "Keys are kept in memory: a restart of the server forgets them."
      : `Keys are kept: ${session.durability}.`;
  return ok("limits", `${sizes} ${kept}`);
}

function size(bytes: number): string {
  return bytes >= MiB ? `${Math.round((bytes / MiB) * 10) / 10} MiB` : `${bytes.toLocaleString("en")} bytes`;
}

export async function checkRoundTrip(store: Store): Promise<Check> {
  const times: number[] = [];
  try {
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const begun = performance.now();
      await store.get("doctor");
      times.push(performance.now() - begun);
    }
  } catch (error) {
    if (!(error instanceof KeyroomError)) throw error;
    return problem(
      "round trip",
      `A request failed. ${error.message}`,
      "Try again. If it stays so, look at the server.",
    );
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(ROUND_TRIPS / 2)] ?? 0;
  const says = `A request takes ${inMs(median)} (${inMs(times[0] ?? 0)} to ${inMs(times.at(-1) ?? 0)}).`;
  if (median < SLOW_MS) return ok("round trip", says);
  return warning("round trip", says, "The way is long, or the server busy. What is asked together travels together.");
}
