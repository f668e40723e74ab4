import { atomic } from "./atomic.ts";
import { authorized } from "./authorized.ts";
import { complete } from "./complete.ts";
import { candid, durable } from "./durable.ts";
import { exclusive } from "./exclusive.ts";
import { expires } from "./expires.ts";
import { fair } from "./fair.ts";
import { faithful } from "./faithful.ts";
import type { History, HistoryEvent, Validator, Violation } from "./history.ts";
import { kept } from "./kept.ts";
import { linearizable } from "./linearizable.ts";
import { ordered, unique } from "./order.ts";
import { outcomes } from "./outcomes.ts";
import { resumable } from "./resumable.ts";

export const VALIDATORS: readonly Validator[] = [
  linearizable,
  ordered,
  unique,
  complete,
  atomic,
  resumable,
  authorized,
  outcomes,
  faithful,
  durable,
  candid,
  exclusive,
  fair,
  kept,
  expires,
];

/** What is wrong with a history; nothing, when all is right. */
export function check(history: History): readonly Violation[] {
  return VALIDATORS.flatMap(({ validate }) => validate(history));
}

/** Violations that a report shows in full, and events before and behind each place. */
const SHOWN = 5;
const AROUND = 3;

/** The violations, each with the events around the places that show it; empty when there are none. */
export function report(history: History, violations: readonly Violation[]): string {
  const shown = violations.slice(0, SHOWN).map((violation) => reportOne(history, violation));
  const more = violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more.`] : [];
  return [...shown, ...more].join("\n\n");
}

function reportOne({ events }: History, { validator, what, at }: Violation): string {
  const places = new Set(at.flatMap((place) => Array.from({ length: 2 * AROUND + 1 }, (_, i) => place - AROUND + i)));
  const sorted = [...places].filter((place) => events[place] !== undefined).sort((a, b) => a - b);
  const lines = sorted.flatMap((place, i) => {
    const line = `${at.includes(place) ? "▶" : " "} ${String(place).padStart(6)}  ${lineOf(events[place] as HistoryEvent)}`;
    return i > 0 && sorted[i - 1] !== place - 1 ? ["       …", line] : [line];
  });
  return [`${validator}: ${what}`, ...lines].join("\n");
}

const LINE_CHARACTERS = 240;

function lineOf({ kind, ...fields }: HistoryEvent): string {
  const line = `${kind} ${JSON.stringify(fields)}`;
  return line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line;
}
