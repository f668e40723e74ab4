import type { LockMode, Operation, Step } from "../port.ts";
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

function all(keys: readonly string[], mode: LockMode): Wants {
  return new Map(keys.map((key) => [key, mode]));
}

function changed(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ kind, key }) => (kind === "get" ? [] : [key]));
}
