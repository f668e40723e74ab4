/** `lock KEY -- CMD`: a command of the user's that runs while its keys are locked. */
import { constants } from "node:os";
import { MAX_WAIT_MS } from "../../protocol/limits.ts";
import type { HeldLock } from "../sdk/index.ts";
import { type Ending, takeSignals } from "../terminal/take-signals.ts";
import type { Context, Result } from "./command.ts";
import { type LockedCommand, startCommand } from "./locked-command.ts";
import { lockVariables } from "./outer-lock.ts";

/**
 * Ends with the command's own exit code, 128 and its number where a signal ended it; likewise with the signal by which the
 * user has given up the wait. While the command runs, signals are for the command.
 * @throws KeyroomError `locked` where the lock was not to be had, `stale_fence` where it was lost
 */
export function runUnderLock(keys: readonly string[], context: Context): Promise<Result> {
  return new UnderLock(keys, context).run();
}

class UnderLock {
  readonly #keys: readonly string[];
  readonly #context: Context;
  #command: LockedCommand | null = null;
  #hasGivenUp = false;

  constructor(keys: readonly string[], context: Context) {
    this.#keys = keys;
    this.#context = context;
  }

  async run(): Promise<Result> {
    const { isShared, waitMs = MAX_WAIT_MS, leaseMs } = this.#context;
    let stopSignals = (): void => undefined;
    const gaveUp = new Promise<number>((resolve) => {
      stopSignals = takeSignals((signal) => {
        if (this.#command !== null) return this.#command.signal(signal);
        // The next one ends the process.
        stopSignals();
        resolve(this.#giveUp(signal));
      });
    });
    const stopTelling = this.#tellOfWaiting();
    try {
      const mode = isShared ? "shared" : "exclusive";
      const options = { mode, waitMs, ...(leaseMs !== undefined && { leaseMs }) } as const;
      const worked = this.#context.room.withLock(this.#keys, options, (lock) => this.#work(lock));
      const exit = await Promise.race([worked, gaveUp]).catch((error) => {
        if (this.#hasGivenUp) return gaveUp;
        throw error;
      });
      return { lines: [], json: null, exit };
    } finally {
      stopSignals();
      stopTelling();
    }
  }

  /** What waits on the server would be served when nobody is there any more. */
  async #giveUp(signal: Ending): Promise<number> {
    this.#hasGivenUp = true;
    await this.#context.room.unlock(this.#keys).catch(() => undefined);
    return exitOf(signal);
  }

  #tellOfWaiting(): () => void {
    const { store, roomName, note } = this.#context;
    return store.on("locks", ({ room, waiting }) => {
      if (room !== roomName || waiting === undefined || this.#command !== null) return;
      note(`Waiting for the lock on ${waiting.keys.join(", ")}, behind ${waiting.behind.join(", ")}.`);
    });
  }

  async #work({ fence, signal }: HeldLock): Promise<number> {
    if (this.#hasGivenUp) return 0;
    const { roomName, argv, say } = this.#context;
    const command = startCommand(argv, lockVariables(fence, roomName, this.#keys), say);
    this.#command = command;
    const onLost = (): void => {
      say("The lock is lost: stopping the command.");
      command.stop();
    };
    if (signal.aborted) onLost();
    signal.addEventListener("abort", onLost);
    try {
      const end = await command.ended;
      return typeof end === "number" ? end : exitOf(end);
    } finally {
      signal.removeEventListener("abort", onLost);
    }
  }
}

function exitOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
