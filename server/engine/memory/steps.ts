import type { Entry } from "../../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../../protocol/limits.ts";
import type { Commit, LogRecord, Refused, Step, StepResult } from "../port.ts";
import { entryBytes } from "./sizes.ts";

/** What the steps change. */
export function changesOf(steps: readonly Step[]): Pick<Commit, "puts" | "deletes"> {
  return {
    puts: steps.filter((step) => step.kind === "put"),
    deletes: steps.flatMap(({ kind, key }) => (kind === "delete" ? [key] : [])),
  };
}

/** @param read the room as it is before the record is applied */
export function resultsOf(
  steps: readonly Step[],
  { puts }: LogRecord,
  read: (key: string) => Entry | null,
): readonly StepResult[] {
  const put = new Map(puts.map((entry) => [entry.key, entry]));
  /** As the steps so far have left them. */
  const changed = new Map<string, Entry | null>();
  return steps.map(({ kind, key }): StepResult => {
    if (kind === "get") return { kind: "got", entry: changed.has(key) ? (changed.get(key) ?? null) : read(key) };
    const entry = kind === "put" ? (put.get(key) ?? null) : null;
    changed.set(key, entry);
    if (kind === "put") return { kind: "put", version: entry?.version ?? 0 };
    return { kind: "deleted", existed: read(key) !== null };
  });
}

/** The refusal for entries that are too much for one answer; one alone never is. */
export function tooMuch(entries: readonly (Entry | null)[]): Refused | null {
  const found = entries.filter((entry) => entry !== null);
  if (found.length < 2) return null;
  const bytes = found.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes <= FIXED_LIMITS.pageBytes) return null;
  const message = `The entries take more than ${FIXED_LIMITS.pageBytes} bytes. Ask for fewer keys at once.`;
  return { kind: "refused", code: "too_large", message };
}
