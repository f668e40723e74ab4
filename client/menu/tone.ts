import { styleText } from "node:util";
import { KeyroomError } from "../../protocol/errors.ts";
import { LocalError } from "../terminal/local-error.ts";
import { printable } from "../terminal/printable.ts";
import type { Talk } from "./talk.ts";

/** The outcome of what was asked for. */
export function tell(talk: Talk, text: string): void {
  talk.say(" ", text);
}

/** Something that happened unasked. */
export function announce(talk: Talk, text: string): void {
  talk.say("*", printable(text), (line) => styleText("yellow", line));
}

/** What went wrong, in the words of whoever knows; anything else is thrown on. */
export function complain<E extends KeyroomError | LocalError>(talk: Talk, error: E): E;
export function complain(talk: Talk, error: unknown): KeyroomError | LocalError;
export function complain(talk: Talk, error: unknown): KeyroomError | LocalError {
  if (!(error instanceof KeyroomError || error instanceof LocalError)) throw error;
  talk.say("!", printable(error.message), (line) => styleText("red", line));
  return error;
}
