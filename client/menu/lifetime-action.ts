import { Separator } from "@inquirer/core";
import { MAX_LIFE_MS } from "../../protocol/limits.ts";
import { readDuration } from "../terminal/duration.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { inTurn } from "./in-the-way.ts";
import { shown, timeOf } from "./show-entry.ts";
import type { Suggestions } from "./talk.ts";
import { tell } from "./tone.ts";

const NEVER = "never";

const PRESETS = [
  { value: NEVER, name: "never", description: "it stays until somebody deletes it" },
  { value: "60000", name: "1 minute", description: "it goes in a minute" },
  { value: "3600000", name: "1 hour", description: "it goes in an hour" },
  { value: "86400000", name: "1 day", description: "it goes tomorrow at this time" },
] as const;

/** Has a key go by itself, or not any more. */
export async function setLifetime(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  const chosen = await talk.search(`When shall ${shown(key)} go`, async (typed) => lifetimesFor(typed));
  const ttlMs = chosen === NEVER ? null : Number(chosen);
  session.asCommand(["touch", key, chosen], room);
  const touched = await inTurn(context, "Saving", { keys: [key], ask: (claim) => room.keys.touch(key, ttlMs, claim) });
  if (touched === null) return;
  const { existed, expiresAt } = touched;
  if (!existed) tell(talk, `There is no key ${shown(key)} any more.`);
  else if (expiresAt === null) tell(talk, `${shown(key)} stays until somebody deletes it.`);
  else tell(talk, `${shown(key)} goes at ${timeOf(expiresAt)}, unless it is put again before that.`);
}

/** The usual ones, or the one that is typed. */
export function lifetimesFor(typed: string): Suggestions {
  const wanted = typed.trim().toLowerCase();
  const presets = PRESETS.filter(({ name }) => name.includes(wanted));
  if (wanted === "") return [...presets, new Separator("Or type a time such as 90 s, 10 min, 2 h or 7 d.")];
  // Whoever is about to type "90 s" does not mean the ms that a mere number stands for elsewhere.
  const ms = /\d$/.test(wanted) ? undefined : readDuration(wanted);
  if (ms !== undefined && (ms < 1 || ms > MAX_LIFE_MS)) return [new Separator("From a moment to 366 days.")];
  const isPreset = presets.some(({ value }) => value === String(ms));
  if (ms !== undefined && !isPreset)
    return [{ value: String(ms), name: typed, description: "it goes then" }, ...presets];
  return presets.length > 0 ? presets : [new Separator("Type a number and s, min, h or d, such as 90 s.")];
}

export const LIFETIME: Action = {
  group: "upkeep",
  name: "lifetime",
  key: "i",
  hint: "have a key go by itself after a time",
  run: async (context) => setLifetime(context, await askKey(context, "Lifetime of")),
};
