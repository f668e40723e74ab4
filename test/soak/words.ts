import type { Round } from "./round.ts";

/** What rounds come to, in one line. */
export function words(rounds: readonly Round[]): string {
  const sum = (of: (round: Round) => number): string =>
    rounds.reduce((total, round) => total + of(round), 0).toLocaleString("en");
  return [
    `${sum((r) => r.operations)} operations`,
    `${sum((r) => r.told)} events told`,
    `${sum((r) => r.reconnects)} reconnects (${sum((r) => r.resumed)} resumed)`,
    `${sum((r) => r.gaps)} gaps`,
    `${sum((r) => r.unknown)} unknown outcomes (${sum((r) => r.settled)} settled)`,
    `${sum((r) => r.violations.length)} violations`,
  ].join(", ");
}
