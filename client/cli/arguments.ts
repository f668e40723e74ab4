/** The command line: `keyroom [OPTIONS] [HOST PORT [OPTIONS] [COMMAND…]]`. */
import { RoomName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { portNumber, serverUrl } from "../terminal/server-url.ts";
import { didYouMean } from "../terminal/suggest.ts";
import { BEHIND, type Behind, type BehindName, isBehindName, readBehind } from "./behind.ts";
import type { CommandSpec, Taken } from "./command.ts";
import { COMMANDS, type CommandName } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { type Options, type RawOptions, readOptions, takeOption, takeValue } from "./options.ts";
import { ALL_ROOMS } from "./watch.ts";
import { Words } from "./words.ts";

/** One command of a sequence, with the options that stand directly behind it. */
export interface Step extends Taken, Behind {
  readonly name: CommandName;
  readonly inRoom: boolean;
  readonly room: string | undefined;
}

interface ServerName {
  readonly host: string;
  readonly port: number;
}

export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "menu"; readonly server?: ServerName; readonly options: Options }
  | { readonly kind: "commands"; readonly url: string; readonly options: Options; readonly steps: readonly Step[] };

/**
 * Reads the whole line before anything is done.
 * @throws UsageError, or KeyroomError for a key or a name that cannot be
 */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): Invocation {
  const words = new Words(args);
  const raw: RawOptions = new Map();
  takeOptions(words, raw);
  const host = words.take();
  const port = words.take();
  if (host !== undefined && port === undefined && !raw.has("--help")) {
    throw new UsageError(`"${host}" is taken as HOST, and PORT is missing: keyroom HOST PORT COMMAND…`);
  }
  takeOptions(words, raw);
  const steps = raw.has("--help") ? [] : takeSteps(words, raw);
  if (raw.has("--help")) return { kind: "help" };
  if (raw.has("--version")) return { kind: "version" };
  const options = readOptions(raw, env);
  if (host === undefined || port === undefined) return menu(raw, options);
  const server = address(host, port, options.secure);
  if (steps.length === 0) return menu(raw, options, { host, port: server.port });
  for (const step of steps) refuseAllRooms(step, options.room);
  if (options.raw && !steps.some(({ name }) => name === "get")) throw new UsageError("--raw is for get.");
  return { kind: "commands", url: server.url, options, steps };
}

function takeOptions(words: Words, raw: RawOptions): void {
  while (words.peek()?.startsWith("-")) takeOption(words, raw);
}

function takeSteps(words: Words, raw: RawOptions): readonly Step[] {
  const steps: Step[] = [];
  for (let word = words.peek(); word !== undefined; word = words.peek()) {
    refuseBehindLast(steps.at(-1), word);
    steps.push(takeStep(words));
    takeOptions(words, raw);
  }
  if (steps.filter((step) => step.from === "-").length > 1) {
    throw new UsageError("The standard input can be read once, so only one put can have --from -.");
  }
  return steps;
}

function refuseBehindLast(step: Step | undefined, word: string): void {
  if (step === undefined) return;
  const { last, inRoom }: CommandSpec = COMMANDS[step.name];
  if (last === undefined) return;
  const meant = inRoom && !isCommand(word) ? ` For the room of ${word}: --room ${word}.` : "";
  throw new UsageError(`${last}: put it last.${meant}`);
}

function refuseAllRooms({ name, inRoom, room }: Step, ofAll: string | undefined): void {
  if (!inRoom || name === "watch" || (room ?? ofAll) !== ALL_ROOMS) return;
  throw new UsageError(`--room '*' is for watch alone: ${name} needs the name of one user.`);
}

function takeStep(words: Words): Step {
  const name = words.take() ?? "";
  if (!isCommand(name)) {
    const known = Object.keys(COMMANDS);
    const hint = didYouMean(name, known);
    throw new UsageError(`There is no command "${name}".${hint === "" ? ` There are: ${known.join(", ")}.` : hint}`);
  }
  const spec: CommandSpec = COMMANDS[name];
  const taken = spec.take(words);
  const behind = new Map<BehindName, string>();
  let room: string | undefined;
  for (;;) {
    const option = words.peek()?.split("=", 1)[0];
    if (option === "--room") {
      if (!spec.inRoom) throw new UsageError(`${name} works on no room: leave out the --room behind it.`);
      if (room !== undefined) throw twice(name, option);
      room = parse(RoomName, "--room", takeValue(words, option, "USER"));
    } else if (isBehindName(option) && spec.options.includes(option)) {
      if (behind.has(option)) throw twice(name, option);
      behind.set(option, takeValue(words, option, BEHIND[option]));
    } else {
      return { name, inRoom: spec.inRoom, ...taken, room, ...readBehind(name, behind) };
    }
  }
}

/** Whoever names two wants both, and would wait for the first in vain. */
function twice(command: string, option: string): UsageError {
  return new UsageError(`${command} takes one ${option}, and here are two.`);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function menu(raw: RawOptions, options: Options, server?: ServerName): Invocation {
  for (const name of ["--json", "--raw", "--quiet", "--strict", "--room"] as const) {
    if (raw.has(name)) throw new UsageError(`${name} needs a command: keyroom HOST PORT COMMAND…`);
  }
  return { kind: "menu", options, ...(server !== undefined && { server }) };
}

function address(host: string, port: string, secure: boolean): { readonly url: string; readonly port: number } {
  const number = portNumber(port);
  if (number === undefined) {
    throw new UsageError(`PORT is a number from 1 to 65535, not "${port}": keyroom HOST PORT COMMAND…`);
  }
  const url = serverUrl({ host, port: number, secure });
  if (url === undefined) throw new UsageError(`HOST is a name or an address, not "${host}".`);
  return { url, port: number };
}
