import type { Store } from "../sdk/index.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import type { Step } from "./arguments.ts";
import type { Behind } from "./behind.ts";
import type { Context } from "./command.ts";
import { explain } from "./failure.ts";
import { printJson, printLine, type Streams, say, writeJson } from "./streams.ts";

export interface RunOptions extends Pick<Context, "passphrase" | "readValue" | "forgetToken" | "strict"> {
  /** The room of the commands that name none; undefined is the user's own. */
  readonly room: string | undefined;
  readonly json: boolean;
  readonly streams: Streams;
}

/** Runs the steps in order up to the first that fails, and prints what they say. */
export async function runSteps(steps: readonly Step[], store: Store, options: RunOptions): Promise<ExitCode> {
  const { json, streams } = options;
  const output = {
    print: (value: object) => writeJson(streams, value),
    say: (sentence: string) => say(streams, sentence),
  };
  for (const step of steps) {
    const name = step.inRoom ? (step.room ?? options.room) : undefined;
    const where = { roomName: name ?? store.session.room, room: name === undefined ? store : store.room(name) };
    const head = { command: step.name, ...step.subject, ...(name !== undefined && { room: name }) };
    try {
      const result = await step.run({ ...options, ...output, ...where, ...behindOf(step), store });
      if (json && result.json !== null) printJson(streams, { ...head, ...result.json });
      if (!json) for (const line of result.lines) printLine(streams, line);
    } catch (error) {
      const { sentence, wire, exit } = explain(error);
      if (json) printJson(streams, { ...head, error: wire });
      if (sentence !== undefined) say(streams, `${title(step)}: ${sentence}`);
      return exit;
    }
  }
  return EXIT.done;
}

function behindOf({ prefix, key, resume, save, exec }: Step): Behind {
  return { prefix, key, resume, save, exec };
}

/** The step as one would type it, without values. */
function title(step: Step): string {
  const words = [step.name, ...Object.values(step.subject)].join(" ");
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}
