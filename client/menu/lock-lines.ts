import { styleText } from "node:util";
import type { LockList } from "../sdk/index.ts";
import { printable } from "../terminal/printable.ts";
import { keysOf, sinceWhen, usersOf } from "./in-the-way.ts";
import { shown } from "./show-entry.ts";
import type { Talk } from "./talk.ts";
import { tell } from "./tone.ts";

/** Of each kind; more are counted. */
const MOST_LINES = 15;

/** Who holds what, and who waits behind whom, in a sentence each; one's own stand out. */
export function showLocks(talk: Talk, { holders, waiters, more }: LockList, me: string, now: number): void {
  if (holders.length + waiters.length === 0) tell(talk, "No key is locked.");
  const held = holders.map(({ key, mode, user, since, mine }) => ({
    mine,
    text: `${shown(key)}: ${mode}, ${nameOf(user, mine, me)} ${sinceWhen(since, now)}`,
  }));
  const waiting = waiters.map(({ keys, mode, user, since, behind, mine }) => ({
    mine,
    text: `${nameOf(user, mine, me)}, waiting for ${keysOf(keys)} (${mode}) behind ${usersOf(behind, me)} ${sinceWhen(since, now)}`,
  }));
  for (const lines of [held, waiting]) {
    for (const { text, mine } of lines.slice(0, MOST_LINES)) {
      talk.say(" ", text, (line) => (mine ? styleText("magenta", line) : line));
    }
    const hidden = lines.length - MOST_LINES;
    if (hidden > 0) tell(talk, `And ${hidden.toLocaleString("en")} more. All of them: c, the command for this.`);
  }
  if (more) tell(talk, "There are others, which the server does not list.");
}

function nameOf(user: string, mine: boolean, me: string): string {
  if (mine) return "you";
  return user === me ? "you (elsewhere)" : printable(user);
}
