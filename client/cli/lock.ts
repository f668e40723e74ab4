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
 * user has given up the wait. While the command runs, signals are for the command; behind its end, they end this process.
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
  #stopSignals = (): void => undefined;

  constructor(keys: readonly string[], context: Context) {
    this.#keys = keys;
    this.#context = context;
  }

  async run(): Promise<Result> {
    const { isShared, waitMs = MAX_WAIT_MS, leaseMs } = this.#context;
    const gaveUp = new Promise<number>((resolve) => {
      this.#stopSignals = takeSignals((signal) => {
        if (this.#command !== null) return this.#command.signal(signal);
        // The next one ends the process.
        this.#stopSignals();
        resolve(this.#giveUp(signal));
      });
    });
    const stopTelling = this.#tellOfWaiting();
    try {
      const mode = isShared ? "shared" : "exclusive";
      const options = { mode, waitMs, ...(leaseMs !== undefined && { leaseMs }) } as const;
      const worked = this.#context.room
        .withLock(this.#keys, options, (lock) => (this.#hasGivenUp ? gaveUp : this.#work(lock)))
        .catch((error: unknown) => {
          if (this.#hasGivenUp) return gaveUp;
          throw error;
        });
      return { lines: [], json: null, exit: await Promise.race([worked, gaveUp]) };
    } finally {
      this.#stopSignals();
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
      // From now on they end this process: a server that is not there could not be told of the end for long.
      this.#stopSignals();
    }
  }
}

function exitOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
