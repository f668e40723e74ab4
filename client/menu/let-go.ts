import { setTimeout as sleep } from "node:timers/promises";
import { counted } from "../terminal/counted.ts";
import type { OwnLocks } from "./own-locks.ts";
import type { MenuSession } from "./session.ts";
import type { Talk } from "./talk.ts";
import { tell } from "./tone.ts";

/** Whoever leaves does not wait longer for a server. */
const PATIENCE_MS = 2_000;

/** Nobody shall wait for locks of somebody who has left. */
export async function letGo({ store, locks }: Pick<MenuSession, "store" | "locks">, talk: Talk): Promise<void> {
  if (locks.isEmpty || store.state === "closed") return;
  const { count } = locks;
  const isReleased = store.state !== "reconnecting" && (await releasedInTime(locks));
  // What was only waited for is not worth a word.
  if (count === 0) return;
  const what = count === 1 ? "your lock" : `your ${counted(count, "lock")}`;
  if (isReleased) return tell(talk, `Gave up ${what}.`);
  const seconds = Math.ceil(store.session.graceMs / 1_000);
  tell(talk, `The server could not be told: it gives up ${what} by itself, within ${seconds} s.`);
}

async function releasedInTime(locks: OwnLocks): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(PATIENCE_MS, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([
      locks.releaseAll().then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    over.abort();
  }
}
