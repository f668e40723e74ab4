/** A command that has to be stopped with all that it has started. */
import { spawn } from "node:child_process";
import { isatty } from "node:tty";
import { descendants } from "../terminal/descendants.ts";
import { systemCode, systemReason } from "../terminal/system-reason.ts";

/** From asking it to end to making it. */
const MERCY_MS = 5_000;
const LOOK_MS = 50;

/** What shells end with. */
const NOT_FOUND = 127;
const NOT_RUN = 126;

export interface LockedCommand {
  /** Its exit code, or the signal that ended it; 126 or 127 where it cannot be run, which is said. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Hands on a signal that this process was sent. */
  signal(signal: NodeJS.Signals): void;
  /** Has it end, within some seconds. */
  stop(): void;
}

/**
 * Runs it with this process's standard input and outputs. It has a process group of its own, but not where it reads a
 * terminal: only the group in the foreground may, and is sent Ctrl-C. That one has others in it, as those behind a pipe.
 */
export function startCommand(
  [file = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
  say: (sentence: string) => void,
): LockedCommand {
  const hasTerminal = isatty(0);
  let pid: number | undefined;
  const send = (signal: NodeJS.Signals): void => {
    if (pid !== undefined) sendTo(hasTerminal ? pid : -pid, signal);
  };
  const stopping = new Stopping(say);
  const end = (): void => send("SIGTERM");
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    const fail = (error: unknown): void => {
      say(`Cannot run ${file}: ${systemCode(error) === "ENOENT" ? "not found" : systemReason(error)}.`);
      resolve(systemCode(error) === "ENOENT" ? NOT_FOUND : NOT_RUN);
    };
    try {
      const env = { ...process.env, ...variables };
      const child = spawn(file, args, { env, stdio: "inherit", detached: !hasTerminal });
      pid = child.pid;
      child.once("error", fail);
      child.once("exit", (code, signal) => {
        stopping.over().then(() => resolve(code ?? signal ?? 1), reject);
      });
    } catch (error) {
      fail(error);
    }
  });
  // It does not outlive this process.
  process.prependOnceListener("exit", end);
  return {
    ended: ended.finally(() => process.off("exit", end)),
    // A terminal has sent it to both.
    signal: (signal) => {
      if (signal !== "SIGINT" || !hasTerminal) send(signal);
    },
    stop: () => {
      if (pid !== undefined) stopping.begin(hasTerminal ? [pid, ...descendants(pid)] : [-pid]);
    },
  };
}

/** SIGTERM, and SIGKILL to whatever is still there some seconds later. */
class Stopping {
  readonly #say: (sentence: string) => void;
  #targets: readonly number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isKilled = false;

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  /** @param targets processes, or groups as negative numbers */
  begin(targets: readonly number[]): void {
    if (this.#timer !== null) return;
    this.#targets = targets;
    this.#timer = setTimeout(() => {
      this.#say(`The command has not ended within ${MERCY_MS / 1_000} s: killing it.`);
      this.#send("SIGKILL");
      this.#isKilled = true;
    }, MERCY_MS);
    this.#send("SIGTERM");
  }

  /** The command itself has ended; resolves when what it has started has, too, if it was to be stopped. */
  async over(): Promise<void> {
    if (this.#timer === null) return;
    while (!this.#isKilled && this.#send(0)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    clearTimeout(this.#timer);
  }

  /** @returns whether somebody is left; 0 only looks */
  #send(signal: NodeJS.Signals | 0): boolean {
    return this.#targets.map((target) => sendTo(target, signal)).includes(true);
  }
}

function sendTo(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
