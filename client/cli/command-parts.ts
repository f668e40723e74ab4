/** What the commands are put together from. */
import { KeyroomError } from "../../protocol/errors.ts";
import { Key } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { BehindName } from "./behind.ts";
import type { CommandSpec, Result, Subject, Taken } from "./command.ts";
import { UsageError } from "./errors.ts";
import type { Words } from "./words.ts";

export const SILENT: Pick<Result, "lines"> = { lines: [] };

/** What stands behind a command that writes. */
export const CLAIMING: readonly BehindName[] = ["--fence", "--wait"];

export function inRoom(
  usage: CommandSpec["usage"],
  take: CommandSpec["take"],
  options: CommandSpec["options"] = [],
): CommandSpec {
  return { usage, inRoom: true, options, take };
}

export function ofAccount(usage: CommandSpec["usage"], take: CommandSpec["take"]): CommandSpec {
  return { usage, inRoom: false, options: [], take };
}

export function taken(subject: Subject, run: Taken["run"], from?: string): Taken {
  return { subject, from, run };
}

export function need(words: Words, usage: string): string {
  const word = words.take();
  if (word === undefined) throw new UsageError(`The command line ends too early: ${usage}.`);
  return word;
}

export function takeKey(words: Words, usage: string): string {
  return parse(Key, "KEY", need(words, usage));
}

/** Any number of keys, but not none: up to the first word that begins with `-`, which is an option. */
export function takeKeys(words: Words, usage: string): readonly string[] {
  const keys: string[] = [];
  for (let word = words.peek(); word !== undefined && !word.startsWith("-"); word = words.peek()) {
    keys.push(takeKey(words, usage));
  }
  // The help is for those who do not know it yet.
  if (keys.length > 0 || words.peek() === "--help") return keys;
  if (words.peek() === undefined) need(words, usage);
  throw new UsageError(`The keys come first, and here none begins with -: ${usage}.`);
}

export function missing(key: string): KeyroomError {
  return new KeyroomError("not_found", `There is no key "${key}".`);
}
