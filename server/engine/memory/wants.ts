import type { Condition, LockMode, Operation, Put, Step } from "../port.ts";
import type { Wants } from "./key-lock.ts";

/** The locks that an operation needs; a transaction, for whichever of its lists is run. */
export function wantsOf(
  operation: Extract<Operation, { kind: "commit" | "transact" | "touch" | "lock" | "read" }>,
): Wants {
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

/** UTF-16 units of the values that it carries: what it keeps in memory while it waits. */
export function weightOf(operation: Operation): number {
  switch (operation.kind) {
    case "commit":
      return weigh(operation.puts);
    case "transact":
      return weigh([...operation.conditions, ...operation.steps, ...operation.otherwise]);
    default:
      return 0;
  }
}

function weigh(parts: readonly (Put | Condition | Step)[]): number {
  return parts.reduce(
    (sum, part) => sum + ("value" in part ? part.value : "equals" in part ? part.equals : "").length,
    0,
  );
}

function all(keys: readonly string[], mode: LockMode): Wants {
  return new Map(keys.map((key) => [key, mode]));
}

function changed(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ kind, key }) => (kind === "get" ? [] : [key]));
}
