import { KeyroomError, type LockOptions, type Room, type Store } from "../sdk/index.ts";

/** What is known under a lock; `signal` fires when it is lost, with a KeyroomError `stale_fence`. */
export interface HeldLock {
  readonly fence: number;
  readonly signal: AbortSignal;
}

const REASONS: Readonly<Record<string, string>> = {
  lease: "its lease was over",
  revoked: "the right to it was taken away",
  deleted: "the room was deleted",
};

/**
 * Runs `body` under locks, and gives them up.
 * @throws KeyroomError, also where the locks were lost meanwhile
 */
export async function holdLock<T>(
  { store, room, roomName }: { readonly store: Store; readonly room: Room; readonly roomName: string },
  keys: readonly string[],
  options: LockOptions,
  body: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const lose = (why: string): void => controller.abort(new KeyroomError("stale_fence", `The lock was lost: ${why}.`));
  let timer: NodeJS.Timeout | undefined;
  const stops = [
    store.on("locks", ({ room: where, lost }) => {
      if (where === roomName && lost?.keys.some((key) => keys.includes(key))) lose(REASONS[lost.reason] ?? lost.reason);
    }),
    store.on("session", ({ resumed }) => {
      if (!resumed) lose("the session is over");
    }),
    store.on("state", (state, why) => {
      if (state === "closed") lose(why);
      if (state === "connected") clearTimeout(timer);
      else timer ??= setTimeout(() => lose("the server was not heard for too long"), store.session.graceMs);
      if (state === "connected") timer = undefined;
    }),
  ];
  try {
    const { fence } = await room.lock(keys, options);
    const result = await body({ fence, signal });
    signal.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
    await room.unlock(keys).catch(() => undefined);
  }
}
