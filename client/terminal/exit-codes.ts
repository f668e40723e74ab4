import type { ErrorCode } from "../../protocol/errors.ts";

/** What the process ends with. Scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  error: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unreachable: 6,
  outcomeUnknown: 7,
  gap: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each number means, for the help. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "error",
  2: "usage",
  3: "not found",
  4: "denied",
  5: "conflict or locked",
  6: "unreachable",
  7: "outcome unknown",
  8: "gap",
  130: "interrupted",
};

/** The exit code of each error a command can end with. */
export const EXIT_OF_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid: EXIT.usage,
  unauthenticated: EXIT.denied,
  forbidden: EXIT.denied,
  name_taken: EXIT.denied,
  not_found: EXIT.notFound,
  conflict: EXIT.conflict,
  locked: EXIT.conflict,
  stale_fence: EXIT.conflict,
  too_large: EXIT.error,
  quota: EXIT.error,
  rate_limited: EXIT.error,
  future_position: EXIT.error,
  unavailable: EXIT.unreachable,
  timeout: EXIT.unreachable,
  unknown_outcome: EXIT.outcomeUnknown,
  unsupported: EXIT.error,
  internal: EXIT.error,
};
