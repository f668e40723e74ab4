/** `watch --exec CMD`: a command of the user's, run once for each event. */
import { type ChildProcess, spawn } from "node:child_process";
import type { WatchEvent } from "../sdk/index.ts";
import { lastWords } from "../terminal/last-words.ts";
import { LocalError } from "../terminal/local-error.ts";
import { printableJson } from "../terminal/printable.ts";
import { systemReason } from "../terminal/system-reason.ts";

/** After this long, a word to whoever waits. */
const PATIENCE_MS = 10_000;

export interface Exec {
  /** For the shell, `sh -c`. */
  readonly command: string;
  /** Whether its failure ends the watch. */
  readonly strict: boolean;
  say(sentence: string): void;
}

/**
 * Runs the command with the event as JSON on its standard input, until it ends. Nothing of the event becomes a part of
 * the command: others wrote it.
 * @throws LocalError when the command cannot be run, and when it fails where that counts
 */
export async function runFor(event: WatchEvent, { command, strict, say }: Exec): Promise<void> {
  const about = "position" in event ? `revision ${event.position.revision} in the room of` : "the end of the room of";
  const subject = `${about} ${event.room}`;
  const child = start(command, event);
  const patience = setTimeout(() => {
    say(`The command for ${subject} still runs. What comes meanwhile waits.`);
  }, PATIENCE_MS);
  const outcome = await endOf(child).finally(() => clearTimeout(patience));
  if (outcome === 0) return;
  const how = typeof outcome === "number" ? `ended with ${outcome}` : `was ended by ${outcome}`;
  const sentence = `The command ${how} on ${subject}.`;
  if (strict) throw new LocalError(sentence);
  say(`${sentence} Going on.`);
}

/** What the command is told in its environment. A variable that does not apply is not there. */
export function environmentOf(event: WatchEvent): Readonly<Record<string, string | undefined>> {
  const [key, ...others] = "puts" in event ? [...event.puts.map((entry) => entry.key), ...event.deletes] : [];
  // The system takes none with a NUL; the whole event is on the standard input.
  const canTell = key !== undefined && others.length === 0 && event.kind === "change" && !key.includes("\0");
  return {
    KEYROOM_ROOM: event.room,
    KEYROOM_KIND: event.kind,
    KEYROOM_KEY: canTell ? key : undefined,
    KEYROOM_REVISION: "position" in event ? String(event.position.revision) : undefined,
    KEYROOM_BY: event.kind === "change" ? event.by : undefined,
  };
}

function start(command: string, event: WatchEvent): ChildProcess {
  try {
    const child = spawn(command, {
      shell: true,
      env: { ...process.env, ...environmentOf(event) },
      stdio: ["pipe", "inherit", "inherit"],
      // In a group of its own, so that what the shell has started can be ended with it.
      detached: true,
    });
    // It need not read what it is told.
    child.stdin?.on("error", () => undefined).end(`${printableJson(event)}\n`);
    return child;
  } catch (error) {
    throw cannotRun(error);
  }
}

function cannotRun(error: unknown): LocalError {
  return new LocalError(`Cannot run the command: ${systemReason(error)}.`);
}

/** Its exit code, or the signal that ended it. It does not outlive this process. */
async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const stop = lastWords(() => endGroup(child));
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) => reject(cannotRun(error)));
      child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
    });
  } finally {
    stop();
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has just ended by itself.
  }
}
