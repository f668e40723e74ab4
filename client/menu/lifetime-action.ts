import { Separator } from "@inquirer/core";
import { MAX_LIFE_MS } from "../../protocol/limits.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { inTurn } from "./in-the-way.ts";
import { shown, timeOf } from "./show-entry.ts";
import type { Suggestions } from "./talk.ts";
import { tell } from "./tone.ts";

const NEVER = "never";
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** As one writes it: `90 s`, `5min`, `2 hours`, `1.5d`. */
const DURATION = /^(\d+(?:\.\d+)?)\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?)$/;

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
  const ms = msOf(wanted);
  if (ms !== null && (ms < 1 || ms > MAX_LIFE_MS)) return [new Separator("From a moment to 366 days.")];
  const isPreset = presets.some(({ value }) => value === String(ms));
  if (ms !== null && !isPreset) return [{ value: String(ms), name: typed, description: "it goes then" }, ...presets];
  return presets.length > 0 ? presets : [new Separator("Type a number and s, min, h or d, such as 90 s.")];
}

function msOf(text: string): number | null {
  const [, number, unit = ""] = DURATION.exec(text) ?? [];
  if (number === undefined) return null;
  const [letter] = unit;
  return letter === "s" || letter === "m" || letter === "h" || letter === "d"
    ? Math.round(Number(number) * UNITS[letter])
    : null;
}

export const LIFETIME: Action = {
  group: "upkeep",
  name: "lifetime",
  key: "i",
  hint: "have a key go by itself after a time",
  run: async (context) => setLifetime(context, await askKey(context, "Lifetime of")),
};
