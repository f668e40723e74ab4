import type { Commit, Condition, LogRecord, Put, Undo } from "../port.ts";

/** The commit that takes a record back, where its keys are still as it left them. */
export function inverse(
  { puts, deletes, replaced, revision }: LogRecord,
  { kind: _, revision: __, ...asker }: Undo,
): Commit {
  const before = new Map(replaced.map((entry) => [entry.key, entry]));
  const keys = [...puts.map(({ key }) => key), ...deletes];
  const conditions: readonly Condition[] = [
    ...puts.map(({ key }) => ({ key, revision })),
    ...deletes.map((key) => ({ key, revision: 0 })),
  ];
  return {
    ...asker,
    kind: "commit",
    puts: keys.flatMap((key): readonly Put[] => {
      const entry = before.get(key);
      return entry === undefined ? [] : [{ key, value: entry.value }];
    }),
    deletes: keys.filter((key) => !before.has(key)),
    conditions,
  };
}
