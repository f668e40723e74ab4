/** What a part of the benchmark found out. */
export interface Figure {
  /** Keyroom's, as a multiple of the other's: speeds differ from machine to machine, this less so. */
  readonly ratio: number;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

export type Figures = Readonly<Record<string, Figure>>;

/** `atMost` may be far below 1. */
export function tellGoal({ ratio, goal }: Figure): string {
  if (goal === undefined) return "";
  const [met, bound] =
    "atLeast" in goal
      ? [ratio >= goal.atLeast, `at least ${goal.atLeast}`]
      : [ratio <= goal.atMost, `at most ${goal.atMost}`];
  return `goal ${bound}: ${met ? "met" : "missed"}`;
}
