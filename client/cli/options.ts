import { RoomName, UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { variable } from "../terminal/environment.ts";
import type { Profile } from "../terminal/profiles.ts";
import { didYouMean } from "../terminal/suggest.ts";
import { BEHIND, isBehindName } from "./behind.ts";
import { UsageError } from "./errors.ts";
import type { Words } from "./words.ts";

interface OptionSpec {
  /** What follows it, for those that take a word. */
  readonly value?: string;
  readonly help: string;
}

export const OPTIONS = {
  "--profile": { value: "NAME", help: "a saved server, for HOST PORT (or KEYROOM_PROFILE)" },
  "--user": { value: "NAME", help: "sign in as NAME (or KEYROOM_USER), else as a guest" },
  "--password-file": { value: "FILE", help: "its first line (or KEYROOM_PASSWORD, or a prompt)" },
  "--passphrase-file": { value: "FILE", help: "the manager one (or KEYROOM_PASSPHRASE, or a prompt)" },
  "--room": { value: "USER", help: "another's room; behind a command, for it alone" },
  "--json": { help: "one JSON object per command" },
  "--raw": { help: "get: the value as it is, with nothing added" },
  "--quiet": { help: "say nothing on stderr but errors" },
  "--strict": { help: "a missing key is an error (3), a gap (8), and more" },
  "--tls": { help: "connect with TLS (https)" },
  "--ca": { value: "FILE", help: "also trust these PEM certificates; implies --tls" },
  "--timeout": { value: "SECONDS", help: "give up after so long (10)" },
  "--lines": { help: "a prompt for commands, or commands from a pipe" },
  "--help": { help: "show this" },
  "--version": { help: "show the version" },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof OPTIONS;

/** Options as they were written; the last of a kind counts. */
export type RawOptions = Map<OptionName, string>;

export interface Options {
  readonly user?: string;
  readonly passwordFile?: string;
  readonly passphraseFile?: string;
  readonly room?: string;
  readonly json: boolean;
  readonly raw: boolean;
  readonly quiet: boolean;
  readonly strict: boolean;
  readonly secure: boolean;
  readonly caFile?: string;
  readonly deadlineMs?: number;
}

const SECRETS: Readonly<Record<string, string>> = {
  "--password": "set KEYROOM_PASSWORD or use --password-file FILE",
  "--passphrase": "set KEYROOM_PASSPHRASE or use --passphrase-file FILE",
};

/** Takes all options that come next, up to `--`. */
export function takeOptions(words: Words, into: RawOptions): void {
  while (words.peek()?.startsWith("-") && words.peek() !== "--") takeOption(words, into);
}

/** Takes the option that comes next, with its value, and puts it into `into`. */
export function takeOption(words: Words, into: RawOptions): void {
  const name = (words.peek() ?? "").split("=", 1)[0] ?? "";
  const secret = Object.hasOwn(SECRETS, name) ? SECRETS[name] : undefined;
  if (secret !== undefined) {
    throw new UsageError(`${name} is refused: arguments are seen by everybody on this machine. Instead, ${secret}.`);
  }
  const option = name === "-h" ? "--help" : name;
  if (!isOption(option)) {
    throw unknownOption(name);
  }
  const spec: OptionSpec = OPTIONS[option];
  if (spec.value !== undefined) into.set(option, takeValue(words, option, spec.value));
  else if (words.take() === name) into.set(option, "");
  else throw new UsageError(`${name} takes no value.`);
}

function unknownOption(name: string): UsageError {
  if (isBehindName(name))
    return new UsageError(`There is no option ${name} here: it stands behind some commands only.`);
  const known = [...Object.keys(OPTIONS), ...Object.keys(BEHIND)];
  return new UsageError(`There is no option ${name}.${didYouMean(name, known)}`);
}

/** Takes an option as `--name VALUE` or `--name=VALUE`. `what` names the value where it is missing. */
export function takeValue(words: Words, name: string, what: string): string {
  const word = words.take() ?? "";
  const value = word === name ? words.take() : word.slice(name.length + 1);
  if (value === undefined) throw new UsageError(`${name} needs ${what} behind it.`);
  return value;
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/**
 * What the options, the environment and the profile say together: an option goes before its variable, and that before
 * the profile.
 * @throws KeyroomError for a name that nobody can have
 */
export function readOptions(raw: RawOptions, env: NodeJS.ProcessEnv, profile?: Profile): Options {
  const user = raw.get("--user") ?? variable(env, "KEYROOM_USER") ?? profile?.user;
  const room = raw.get("--room") ?? profile?.room;
  const timeout = raw.get("--timeout");
  const passwordFile = raw.get("--password-file");
  const passphraseFile = raw.get("--passphrase-file");
  const caFile = raw.get("--ca") ?? profile?.ca;
  if (passwordFile !== undefined && user === undefined) {
    throw new UsageError("--password-file needs a user: add --user NAME.");
  }
  if (raw.has("--json") && raw.has("--raw")) throw new UsageError("--json and --raw do not go together: choose one.");
  return {
    json: raw.has("--json"),
    raw: raw.has("--raw"),
    quiet: raw.has("--quiet"),
    strict: raw.has("--strict"),
    secure: raw.has("--tls") || caFile !== undefined || profile?.tls === true,
    ...(user !== undefined && { user: parse(UserName, "--user", user) }),
    ...(room !== undefined && { room: parse(RoomName, "--room", room) }),
    ...(timeout !== undefined && { deadlineMs: milliseconds(timeout) }),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(passphraseFile !== undefined && { passphraseFile }),
    ...(caFile !== undefined && { caFile }),
  };
}

function milliseconds(seconds: string): number {
  const number = /^[0-9]+(\.[0-9]+)?$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (number >= 0.001 && number <= 3600) return Math.round(number * 1000);
  throw new UsageError(`--timeout takes seconds, more than 0 and at most 3600, not "${seconds}".`);
}
