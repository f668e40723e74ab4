import { styleText } from "node:util";
import { KeyroomError } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import type { Conversation } from "./conversation.ts";

/** The outcome of what was asked for. */
export function tell(talk: Conversation, text: string): void {
  talk.say(" ", text);
}

/** Something that happened unasked. */
export function announce(talk: Conversation, text: string): void {
  talk.say("*", printable(text), (line) => styleText("yellow", line));
}

/** What went wrong, in the words of whoever knows; anything but a `KeyroomError` is thrown on. */
export function complain(talk: Conversation, error: unknown): KeyroomError {
  if (!(error instanceof KeyroomError)) throw error;
  talk.say("!", printable(error.message), (line) => styleText("red", line));
  return error;
}
