/** Options that stand behind a command and belong to it alone, beside `--room`. */
import { Fence, Key, LifeMs, Prefix, RevisionInput, WaitMs } from "../../protocol/input-fields.ts";
import { type Parser, parse } from "../../protocol/parse.ts";
import { DURATION_FORMS, readDuration } from "../terminal/duration.ts";
import { UsageError } from "./errors.ts";

/** Each with what its value is called; undefined takes none. */
export const BEHIND = {
  "--prefix": "P",
  "--key": "KEY",
  "--from": "FILE",
  "--save": "FILE",
  "--exec": "CMD",
  "--at": "REVISION",
  "--ttl": "TIME",
  "--fence": "N",
  "--wait": "TIME",
  "--no-wait": undefined,
  "--shared": undefined,
  "--lease": "TIME",
} as const satisfies Readonly<Record<string, string | undefined>>;

export type BehindName = keyof typeof BEHIND;

export interface Behind {
  readonly prefix: string | undefined;
  readonly key: string | undefined;
  /** The file of the position to begin from. */
  readonly resume: string | undefined;
  /** The file in which to keep the position. */
  readonly save: string | undefined;
  /** The command to run for each event. */
  readonly exec: string | undefined;
  /** The revision to look at. */
  readonly at: number | undefined;
  /** How long the value stays. */
  readonly ttlMs: number | undefined;
  /** The fence of a lock that somebody else holds for this command. */
  readonly fence: number | undefined;
  /** How long to wait for locks of others. */
  readonly waitMs: number | undefined;
  readonly isShared: boolean;
  /** How long a lock is kept at most. */
  readonly leaseMs: number | undefined;
}

export function isBehindName(option: string | undefined): option is BehindName {
  return option !== undefined && Object.hasOwn(BEHIND, option);
}

/** @throws UsageError for what does not go together, KeyroomError for what cannot be */
export function readBehind(command: string, raw: ReadonlyMap<BehindName, string>): Behind {
  refusePairs(command, raw);
  const read = <T>(name: BehindName, parser: Parser<T>, convert: (text: string) => unknown = (text) => text) => {
    const text = raw.get(name);
    return text === undefined ? undefined : parse(parser, name, convert(text));
  };
  const time = (name: BehindName, parser: Parser<number>) => read(name, parser, (text) => duration(name, text));
  return {
    prefix: read("--prefix", Prefix),
    key: read("--key", Key),
    resume: raw.get("--from"),
    save: raw.get("--save"),
    exec: readExec(raw.get("--exec")),
    at: read("--at", RevisionInput, (text) => wholeNumber("--at", text)),
    ttlMs: time("--ttl", LifeMs),
    fence: read("--fence", Fence, (text) => wholeNumber("--fence", text)),
    waitMs: raw.has("--no-wait") ? 0 : time("--wait", WaitMs),
    isShared: raw.has("--shared"),
    leaseMs: time("--lease", LifeMs),
  };
}

/** @throws UsageError */
export function duration(what: string, text: string): number {
  const ms = readDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError(`${what} takes a time such as ${DURATION_FORMS}, not "${text}".`);
}

/** @throws UsageError */
export function wholeNumber(what: string, text: string): number {
  if (/^[0-9]{1,16}$/.test(text)) return Number(text);
  throw new UsageError(`${what} takes a whole number, not "${text}".`);
}

/** Each of these says what the other one contradicts. */
const PAIRS: readonly (readonly [BehindName, BehindName])[] = [
  ["--key", "--prefix"],
  ["--wait", "--no-wait"],
  ["--fence", "--wait"],
];

function refusePairs(command: string, raw: ReadonlyMap<BehindName, string>): void {
  for (const [one, other] of PAIRS) {
    if (raw.has(one) && raw.has(other)) throw new UsageError(`${command} takes ${one} or ${other}, not both.`);
  }
}

function readExec(command: string | undefined): string | undefined {
  if (command?.trim() !== "") return command;
  throw new UsageError("--exec needs a command for the shell, as in --exec 'jq .puts'.");
}
