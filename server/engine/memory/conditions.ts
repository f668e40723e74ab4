import type { Conflict } from "../../../protocol/errors.ts";
import type { Entry } from "../../../protocol/fields.ts";
import { quoted } from "../../../protocol/text.ts";
import type { Condition, Refused } from "../port.ts";

type Read = (key: string) => Entry | null;

/** The first condition that does not hold, and what was found; null where all do. */
export function violation(conditions: readonly Condition[], read: Read): Conflict | null {
  for (const [place, condition] of conditions.entries()) {
    const entry = read(condition.key);
    if (holds(condition, entry)) continue;
    return { condition: place, revision: entry?.revision ?? 0, version: entry?.version ?? 0 };
  }
  return null;
}

function holds(condition: Condition, entry: Entry | null): boolean {
  if ("equals" in condition) return entry?.value === condition.equals;
  return (entry?.revision ?? 0) === condition.revision;
}

export function refusalOf(conflict: Conflict, conditions: readonly Condition[]): Refused {
  const condition = conditions[conflict.condition] as Condition;
  const found = foundBy(condition, conflict);
  const message = `The key ${quoted(condition.key)} ${demandOf(condition)}, but it ${found}. Read it again and decide anew.`;
  return { kind: "refused", code: "conflict", message, conflict };
}

/** Without the value: it may be long. */
function demandOf(condition: Condition): string {
  if ("equals" in condition) return "must have the named value";
  return condition.revision === 0 ? "must not exist" : `must be at revision ${condition.revision}`;
}

function foundBy(condition: Condition, { revision }: Conflict): string {
  if (revision === 0) return "does not exist";
  return "equals" in condition ? `has another, at revision ${revision}` : `is at revision ${revision}`;
}
