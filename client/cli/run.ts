import type { Store } from "../sdk/index.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import type { Step } from "./arguments.ts";
import type { Behind } from "./behind.ts";
import type { Context, Result } from "./command.ts";
import { explain, type Failure } from "./failure.ts";
import { printJson, printLine, printRaw, printRow, type Streams, say, writeJson, writeText } from "./streams.ts";

export interface RunOptions
  extends Pick<
    Context,
    "live" | "passphrase" | "outerLock" | "readValue" | "forgetToken" | "strict" | "note" | "progressOn"
  > {
  /** The room of the commands that name none; undefined is the user's own. */
  readonly room: string | undefined;
  readonly json: boolean;
  readonly raw: boolean;
  readonly streams: Streams;
}

/**
 * Runs the steps in order up to the first that fails, and prints what they say.
 * @returns the exit code, which may be that of a command of the user's
 */
export async function runSteps(steps: readonly Step[], store: Store, options: RunOptions): Promise<number> {
  const { json, streams } = options;
  const output = {
    print: (value: object) => writeJson(streams, value),
    write: (text: string) => writeText(streams, text),
    stdin: streams.stdin,
    say: (sentence: string) => say(streams, sentence),
  };
  for (const step of steps) {
    const name = step.inRoom ? (step.room ?? options.room) : undefined;
    const where = { roomName: name ?? store.session.room, room: name === undefined ? store : store.room(name) };
    const rooms = step.rooms.length > 0 || name === undefined ? step.rooms : [name];
    const head = { command: step.name, ...step.subject, ...(name !== undefined && { room: name }) };
    try {
      const result = await step.run({
        ...options,
        ...output,
        ...where,
        ...behindOf(step),
        argv: step.argv,
        rooms,
        store,
      });
      const failure = result.failure === undefined ? undefined : explain(result.failure);
      print({ ...head, ...(failure !== undefined && { error: failure.wire }) }, result, options);
      if (failure !== undefined) return fail(failure, step, streams);
      if (result.exit !== undefined) return result.exit;
    } catch (error) {
      const failure = explain(error);
      if (json) printJson(streams, { ...head, error: failure.wire });
      return fail(failure, step, streams);
    }
  }
  return EXIT.done;
}

function fail({ sentence, exit }: Failure, step: Step, streams: Streams): ExitCode {
  if (sentence !== undefined) say(streams, `${title(step)}: ${sentence}`);
  return exit;
}

function print(head: object, { lines, json, raw }: Result, options: RunOptions): void {
  if (options.json) {
    if (json !== null) printJson(options.streams, { ...head, ...json });
  } else if (options.raw && raw !== undefined) printRaw(options.streams, raw);
  else for (const line of lines) printOne(options.streams, line);
}

function printOne(streams: Streams, line: Result["lines"][number]): void {
  if (typeof line === "string") printLine(streams, line);
  else printRow(streams, line);
}

function behindOf(step: Step): Behind {
  const { prefix, key, resume, save, exec, at, ttlMs, fence, waitMs, isShared, leaseMs } = step;
  return { prefix, key, resume, save, exec, at, ttlMs, fence, waitMs, isShared, leaseMs };
}

/** The step as one would type it, without values. */
function title(step: Step): string {
  const words = [step.name, ...Object.values(step.subject).flat()].join(" ");
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}
