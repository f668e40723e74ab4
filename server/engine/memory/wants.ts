import type { Condition, LockMode, Operation, Put, Step } from "../port.ts";
import type { Wants } from "./key-lock.ts";

/** What minds locks. */
export type Claimed = Extract<Operation, { kind: "commit" | "transact" | "touch" | "lock" | "read" }>;

/** The locks that an operation needs; a transaction, for whichever of its lists is run. */
export function wantsOf(operation: Claimed): Wants {
  switch (operation.kind) {
    case "commit":
      return all([...operation.puts.map(({ key }) => key), ...operation.deletes], "exclusive");
    case "transact":
      return all([...changed(operation.steps), ...changed(operation.otherwise)], "exclusive");
    case "touch":
      return all([operation.key], "exclusive");
    case "lock":
      return all(operation.keys, operation.mode);
    case "read":
      return all(operation.keys, "shared");
  }
}

/** What an item of a list takes in memory beside its texts, as so many characters. */
const ITEM_UNITS = 64;

/** About the UTF-16 units that it keeps in memory while it waits; the keys that it waits for are counted as locks are. */
export function weightOf(operation: Operation): number {
  switch (operation.kind) {
    case "commit":
      return weigh([...operation.puts, ...operation.conditions]);
    case "transact":
      return weigh([...operation.conditions, ...operation.steps, ...operation.otherwise]);
    default:
      return 0;
  }
}

function weigh(parts: readonly (Put | Condition | Step)[]): number {
  return parts.reduce((sum, part) => {
    const text = "value" in part ? part.value : "equals" in part ? part.equals : "";
    return sum + ITEM_UNITS + part.key.length + text.length;
  }, 0);
}

function all(keys: readonly string[], mode: LockMode): Wants {
  return new Map(keys.map((key) => [key, mode]));
}

function changed(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ kind, key }) => (kind === "get" ? [] : [key]));
}
