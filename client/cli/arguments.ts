/** The command line: `keyroom [OPTIONS] [HOST PORT [OPTIONS] [COMMAND…]]`, with a profile in place of HOST PORT or not. */
import { RoomName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { didYouMean } from "../terminal/suggest.ts";
import { readAddress, takeServer } from "./address.ts";
import { BEHIND, type Behind, type BehindName, isBehindName, readBehind } from "./behind.ts";
import type { CommandSpec, Taken } from "./command.ts";
import { COMMANDS, type CommandName, isCommand } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { aboutItself, type LocalInvocation, readLocal } from "./local-arguments.ts";
import { isLocal, LOCAL, type LocalName } from "./local-commands.ts";
import {
  type OptionName,
  type Options,
  type RawOptions,
  readOptions,
  takeOption,
  takeOptions,
  takeValue,
} from "./options.ts";
import {
  findProfile,
  isProfileAction,
  type ProfileAction,
  profileName,
  readProfileAction,
  takeActionWords,
} from "./profile-arguments.ts";
import { Words } from "./words.ts";

/** One command of a sequence, with the options that stand directly behind it. */
export interface Step extends Taken, Behind {
  readonly name: CommandName;
  readonly inRoom: boolean;
  readonly room: string | undefined;
  /** All that were named, for those that take several. */
  readonly rooms: readonly string[];
  /** The command behind `--`. */
  readonly argv: readonly string[];
}

interface ServerName {
  readonly host: string;
  readonly port: number;
}

const PROFILE_FIRST =
  "--profile takes the place of HOST PORT: put it first, and leave HOST PORT out, or leave the profile out.";

/** What only one-shot commands follow. */
const FOR_COMMANDS: readonly OptionName[] = ["--json", "--raw", "--quiet", "--strict", "--room"];

export type Invocation =
  | LocalInvocation
  | { readonly kind: "profile"; readonly action: ProfileAction }
  | { readonly kind: "menu"; readonly server?: ServerName; readonly options: Options }
  | { readonly kind: "lines"; readonly url: string; readonly options: Options }
  | { readonly kind: "commands"; readonly url: string; readonly options: Options; readonly steps: readonly Step[] };

/**
 * Reads the whole line, and the profile that it names, before anything is done.
 * @throws UsageError, KeyroomError for a key or a name that cannot be, or LocalError where profiles cannot be read
 */
export function parseArguments(args: readonly string[], env: NodeJS.ProcessEnv): Invocation {
  const words = new Words(args);
  const raw: RawOptions = new Map();
  takeOptions(words, raw);
  if (isProfileAction(words)) {
    const taken = takeActionWords(words, raw);
    return aboutItself(raw, "profile") ?? { kind: "profile", action: readProfileAction(taken, raw) };
  }
  const local = readLocal(words, raw, env);
  if (local !== undefined) return local;
  const named = profileName(words, raw, env, isCommand);
  const given = named === undefined ? takeServer(words, raw) : undefined;
  const steps = raw.has("--help") ? [] : takeSteps(words, raw);
  const asked = aboutItself(raw, steps.at(-1)?.name);
  if (asked !== undefined) return asked;
  if (given !== undefined && raw.has("--profile")) throw new UsageError(PROFILE_FIRST);
  const profile = named === undefined ? undefined : findProfile(raw.get("--profile") ?? named, env);
  const options = readOptions(raw, env, profile);
  const server = profile ?? given;
  if (server === undefined) return menu(raw, options);
  const { url, ...place } = readAddress(server.host, String(server.port), options.secure);
  if (raw.has("--lines")) return lines(raw, options, url, steps);
  if (steps.length === 0) return menu(raw, options, place);
  for (const step of steps) refuseAllRooms(step, options.room);
  if (options.raw && !steps.some(({ name }) => name === "get")) throw new UsageError("--raw is for get.");
  return { kind: "commands", url, options, steps };
}

function takeSteps(words: Words, raw: RawOptions): readonly Step[] {
  const steps: Step[] = [];
  for (let word = words.peek(); word !== undefined; word = words.peek()) {
    refuseBehindLast(steps.at(-1), word);
    steps.push(takeStep(words, raw));
    takeOptions(words, raw);
  }
  if (steps.filter((step) => step.from === "-").length > 1) {
    throw new UsageError("The standard input can be read once, so only one command can have it.");
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
  const { ofAllRooms }: CommandSpec = COMMANDS[name];
  if (!inRoom || ofAllRooms || (room ?? ofAll) !== ALL_ROOMS) return;
  throw new UsageError(`--room '*' is for watch, live, export and import: ${name} needs the name of one user.`);
}

/** Each way to write a command that stands in HOST's place. */
function ways(name: LocalName): string {
  return Object.keys(LOCAL[name].usage)
    .map((usage) => `keyroom ${usage}`)
    .join(", ");
}

function takeStep(words: Words, raw: RawOptions): Step {
  const name = words.take() ?? "";
  if (!isCommand(name)) {
    if (isLocal(name)) throw new UsageError(`${name} stands before a server, not behind it: ${ways(name)}.`);
    const known = Object.keys(COMMANDS);
    const hint = didYouMean(name, known);
    throw new UsageError(`There is no command "${name}".${hint === "" ? ` There are: ${known.join(", ")}.` : hint}`);
  }
  const spec: CommandSpec = COMMANDS[name];
  const taken = spec.take(words);
  const behind = new Map<BehindName, string>();
  const rooms: string[] = [];
  for (;;) {
    const option = words.peek()?.split("=", 1)[0];
    if (option === "--room") {
      if (!spec.inRoom) throw new UsageError(`${name} works on no room: leave out the --room behind it.`);
      if (rooms.length > 0 && spec.manyRooms !== true) throw twice(name, option);
      rooms.push(parse(RoomName, "--room", takeValue(words, option, "USER")));
    } else if (isBehindName(option) && spec.options.includes(option)) {
      if (behind.has(option)) throw twice(name, option);
      behind.set(option, takeBehind(words, option));
    } else if (spec.runsCommand && option?.startsWith("-") && option !== "--") {
      takeOption(words, raw);
    } else {
      const argv = spec.runsCommand ? takeCommand(words, spec, raw.has("--help")) : [];
      return { name, inRoom: spec.inRoom, ...taken, room: rooms[0], rooms, argv, ...readBehind(name, behind) };
    }
  }
}

function takeBehind(words: Words, option: BehindName): string {
  const what = BEHIND[option];
  if (what !== undefined) return takeValue(words, option, what);
  if (words.take() === option) return "";
  throw new UsageError(`${option} takes no value.`);
}

/** All that is left. */
function takeCommand(words: Words, { usage }: CommandSpec, isForHelp: boolean): readonly string[] {
  const argv: string[] = [];
  const isThere = words.take() === "--";
  for (let word = words.take(); word !== undefined; word = words.take()) argv.push(word);
  if (isForHelp || (isThere && argv.length > 0 && argv[0] !== "")) return argv;
  throw new UsageError(
    `It locks only while a command runs, which stands behind --: keyroom HOST PORT ${Object.keys(usage)[0]}. To lock by hand, use --lines.`,
  );
}

/** Whoever names two wants both, and would wait for the first in vain. */
function twice(command: string, option: string): UsageError {
  return new UsageError(`${command} takes one ${option}, and here are two.`);
}

function lines(raw: RawOptions, options: Options, url: string, steps: readonly Step[]): Invocation {
  if (steps.length > 0) throw new UsageError("--lines reads its commands from the keyboard or a pipe: leave them out.");
  for (const name of FOR_COMMANDS) {
    if (raw.has(name)) throw new UsageError(`${name} does not go with --lines.`);
  }
  return { kind: "lines", url, options };
}

function menu(raw: RawOptions, options: Options, server?: ServerName): Invocation {
  for (const name of FOR_COMMANDS) {
    if (raw.has(name)) throw new UsageError(`${name} needs a command: keyroom HOST PORT COMMAND…`);
  }
  if (raw.has("--lines")) throw new UsageError("--lines needs a server: keyroom HOST PORT --lines.");
  return { kind: "menu", options, ...(server !== undefined && { server }) };
}
