/** Options that stand behind a command and belong to it alone, beside `--room`. */
import { Key, Prefix } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { UsageError } from "./errors.ts";

/** Each with what its value is called. */
export const BEHIND = { "--prefix": "P", "--key": "KEY", "--from": "FILE", "--save": "FILE", "--exec": "CMD" } as const;

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
}

export function isBehindName(option: string | undefined): option is BehindName {
  return option !== undefined && Object.hasOwn(BEHIND, option);
}

/** @throws UsageError for what does not go together, KeyroomError for a key or a prefix that cannot be */
export function readBehind(command: string, raw: ReadonlyMap<BehindName, string>): Behind {
  const prefix = raw.get("--prefix");
  const key = raw.get("--key");
  if (prefix !== undefined && key !== undefined) {
    throw new UsageError(`${command} takes --key or --prefix, not both.`);
  }
  return {
    prefix: prefix === undefined ? undefined : parse(Prefix, "--prefix", prefix),
    key: key === undefined ? undefined : parse(Key, "--key", key),
    resume: raw.get("--from"),
    save: raw.get("--save"),
    exec: readExec(raw.get("--exec")),
  };
}

function readExec(command: string | undefined): string | undefined {
  if (command?.trim() !== "") return command;
  throw new UsageError("--exec needs a command for the shell, as in --exec 'jq .puts'.");
}
