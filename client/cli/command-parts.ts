/** What the commands are put together from. */
import { Key } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { CommandSpec, Result, Subject, Taken } from "./command.ts";
import { UsageError } from "./errors.ts";
import type { Words } from "./words.ts";

export const SILENT: Pick<Result, "lines"> = { lines: [] };

export function inRoom(usage: CommandSpec["usage"], take: CommandSpec["take"]): CommandSpec {
  return { usage, inRoom: true, options: [], take };
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
