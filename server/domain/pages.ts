/** What is too long for one message goes in pages; how long it is, is estimated. */
import type { Entry } from "../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Change, Outcome, StepResult } from "../engine/port.ts";

/** Cuts a list where its weight would pass a page; at least one piece. */
export function chunk<T>(items: readonly T[], weigh: (item: T) => number): T[][] {
  const chunks: T[][] = [[]];
  let bytes = 0;
  for (const item of items) {
    const weight = weigh(item);
    if (bytes > 0 && bytes + weight > FIXED_LIMITS.pageBytes) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(item);
    bytes += weight;
  }
  return chunks;
}

/** Names and numbers around the texts of an entry, as JSON. */
const ENTRY_OVERHEAD = 160;

/** About what an entry takes as JSON. */
export function entryBytes({ key, value }: Pick<Entry, "key" | "value">): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value) + ENTRY_OVERHEAD;
}

/** About what a change takes as JSON. */
export function changeBytes({ puts, deletes }: Change): number {
  let bytes = ENTRY_OVERHEAD;
  for (const entry of puts) bytes += entryBytes(entry);
  for (const key of deletes) bytes += Buffer.byteLength(key);
  return bytes;
}

/** About what the entries of an outcome take as JSON. */
export function outcomeBytes(outcome: Outcome | undefined): number {
  if (outcome?.kind === "transacted")
    return (outcome.results ?? []).reduce((bytes, result) => bytes + resultBytes(result), 0);
  if (outcome?.kind !== "entries" && outcome?.kind !== "page") return 0;
  return outcome.entries.reduce((bytes, entry) => bytes + (entry === null ? 0 : entryBytes(entry)), 0);
}

/** What the answer to one step takes as JSON, at most, but for an entry. */
const RESULT_BYTES = 56;

function resultBytes(result: StepResult): number {
  return result.kind === "got" && result.entry !== null ? entryBytes(result.entry) : RESULT_BYTES;
}
