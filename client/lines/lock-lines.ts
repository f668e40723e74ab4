import type { LockList } from "../sdk/index.ts";

/** Who holds locks, and who waits, a line for each. */
export function lockLines({ holders, waiters, more }: LockList, isForPeople: boolean): readonly string[] {
  const who = (user: string, mine: boolean) => (mine ? `${user} (you)` : user);
  const lines = [
    ...holders.map((it) => `${it.key}: ${it.mode}, ${who(it.user, it.mine)}, since ${timeOf(it.since)}`),
    ...waiters.map((it) => {
      const behind = `behind ${it.behind.join(", ")}`;
      return `${it.keys.join(", ")}: ${who(it.user, it.mine)} waits, ${it.mode}, ${behind}, since ${timeOf(it.since)}`;
    }),
    ...(more ? ["And more."] : []),
  ];
  return lines.length === 0 && isForPeople ? ["no locks"] : lines;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
