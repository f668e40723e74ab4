import { asKeyroomError } from "../../protocol/errors.ts";
import { MAX_WAIT_MS } from "../../protocol/limits.ts";
import type { LockMode, Store } from "../sdk/index.ts";

/** Nobody who leaves waits longer for locks to be given up; the server does so itself when the session's grace is over. */
const GOODBYE_MS = 1_000;

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
  /** Held, or waited for. */
  readonly #keys = new Set<string>();
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
        if (!resumed && this.#keys.size > 0) this.#lost([...this.#keys], "the session is over");
      }),
    ];
  }

  /** Answers at once where somebody is in the way, and announces the end of the wait. @throws KeyroomError */
  async lock(keys: readonly string[], mode: LockMode): Promise<readonly string[]> {
    for (const key of keys) this.#keys.add(key);
    const locked = this.#store.lock(keys, { mode, waitMs: MAX_WAIT_MS });
    if (this.#announce === null) return [String((await locked).fence)];
    const granted = locked.then(({ fence }) => `done, fence ${fence}`);
    const first = await this.#orWaiting(granted, keys);
    if (typeof first === "string") return [first];
    const title = keys.join(" ");
    granted.then(
      (done) => this.#tell(`lock ${title}: ${done}`),
      (error) => this.#tell(`lock ${title}: ${asKeyroomError(error).message}`),
    );
    return [`waiting behind ${first.join(", ")}; unlock ${title} gives it up`];
  }

  /** @throws KeyroomError */
  async unlock(keys: readonly string[]): Promise<void> {
    await this.#store.unlock(keys);
    for (const key of keys) this.#keys.delete(key);
  }

  /** Gives up what there is. */
  async stop(): Promise<void> {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    const keys = [...this.#keys];
    this.#keys.clear();
    if (keys.length === 0 || this.#store.state !== "connected") return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([this.#store.unlock(keys).catch(() => undefined), late]);
    clearTimeout(timer);
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
    for (const key of keys) this.#keys.delete(key);
    this.#tell(`The lock on ${keys.join(", ")} is lost: ${why}.`);
  }

  #tell(text: string): void {
    if (!this.#isOver) this.#announce?.(text);
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key) => others.includes(key));
}
