import { asKeyroomError } from "../../protocol/errors.ts";
import { MAX_WAIT_MS } from "../../protocol/limits.ts";
import type { LockMode, Store } from "../sdk/index.ts";
import { howToWait } from "../terminal/how-to-wait.ts";

/** Nobody who leaves waits longer for locks to be given up; the server does so itself when the session's grace is over. */
const GOODBYE_MS = 1_000;

/** How one waits for locks of others here. */
export const BY_LOCK = "Wait for it with lock";

const REASONS: Readonly<Record<string, string>> = {
  lease: "its time is over",
  revoked: "you may not lock there any more",
  deleted: "the room was deleted",
};

/** The locks that a session takes in its user's own room, and gives up when he leaves. */
export class Locking {
  readonly #store: Store;
  readonly #announce: ((text: string) => void) | null;
  readonly #stops: readonly (() => void)[];
  readonly #held = new Set<string>();
  /** What each wait is for. */
  readonly #waits = new Set<readonly string[]>();
  #isOver = false;

  /** @param announce tells what happens unasked; null where each answer is awaited, and nobody is told in between */
  constructor(store: Store, announce: ((text: string) => void) | null) {
    this.#store = store;
    this.#announce = announce;
    this.#stops = [
      store.on("locks", ({ room, lost }) => {
        if (lost !== undefined && room === store.session.room)
          this.#lost(lost.keys, REASONS[lost.reason] ?? lost.reason);
      }),
      store.on("session", ({ resumed }) => {
        if (!resumed) this.#lost([...this.#held], "the session is over");
      }),
    ];
  }

  /** Answers at once where somebody is in the way, and announces the end of the wait. @throws KeyroomError */
  async lock(keys: readonly string[], mode: LockMode): Promise<readonly string[]> {
    const locked = this.#take(keys, mode);
    if (this.#announce === null) return [String(await locked)];
    const granted = locked.then((fence) => `done, fence ${fence}`);
    const first = await this.#orWaiting(granted, keys);
    if (typeof first === "string") return [first];
    const title = keys.join(" ");
    granted.then(
      (done) => this.#tell(`lock ${title}: ${done}`),
      (error) => this.#tell(`lock ${title}: ${howToWait(asKeyroomError(error).message, BY_LOCK)}`),
    );
    return [`waiting behind ${first.join(", ")}; unlock ${title} gives it up`];
  }

  /** @throws KeyroomError */
  async unlock(keys: readonly string[]): Promise<void> {
    await this.#store.unlock(keys);
    for (const key of keys) this.#held.delete(key);
  }

  /** Gives up what there is. */
  async stop(): Promise<void> {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    const keys = [...new Set([...this.#held, ...[...this.#waits].flat()])];
    this.#held.clear();
    if (keys.length === 0 || this.#store.state !== "connected") return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([this.#store.unlock(keys).catch(() => undefined), late]);
    clearTimeout(timer);
  }

  /** Resolves with the fence. */
  async #take(keys: readonly string[], mode: LockMode): Promise<number> {
    this.#waits.add(keys);
    try {
      const { fence } = await this.#store.lock(keys, { mode, waitMs: MAX_WAIT_MS });
      for (const key of keys) this.#held.add(key);
      return fence;
    } finally {
      this.#waits.delete(keys);
    }
  }

  /** What it resolves with, or, if they come first, those who are in the way. */
  async #orWaiting(granted: Promise<string>, keys: readonly string[]): Promise<string | readonly string[]> {
    let stop = (): void => undefined;
    const waiting = new Promise<readonly string[]>((resolve) => {
      stop = this.#store.on("locks", ({ room, waiting: it }) => {
        if (it !== undefined && room === this.#store.session.room && isSame(it.keys, keys)) resolve(it.behind);
      });
    });
    try {
      return await Promise.race([granted, waiting]);
    } finally {
      stop();
    }
  }

  #lost(keys: readonly string[], why: string): void {
    const lost = keys.filter((key) => this.#held.delete(key));
    if (lost.length > 0) this.#tell(`The lock on ${lost.join(", ")} is lost: ${why}.`);
  }

  #tell(text: string): void {
    if (!this.#isOver) this.#announce?.(text);
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key) => others.includes(key));
}
