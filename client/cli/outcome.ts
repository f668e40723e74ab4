/** What `status` says of an outcome. */
import { isErrorCode, KeyroomError } from "../../protocol/errors.ts";
import type { Store } from "../sdk/index.ts";

type Outcome = Awaited<ReturnType<Store["outcome"]>>;

/** Undefined for a write that was committed. */
export function failureOf(outcome: Outcome): KeyroomError | undefined {
  switch (outcome.state) {
    case "committed":
      return undefined;
    case "refused":
      return new KeyroomError(isErrorCode(outcome.code) ? outcome.code : "internal", "The write was refused.");
    case "never":
      return new KeyroomError("not_found", "The write was not done, and never will be.");
    case "unknown":
      return new KeyroomError("unknown_outcome", "The server does not know any more what became of it.");
  }
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.state) {
    case "committed":
      return outcome.revision === null ? "committed" : `committed ${outcome.revision}`;
    case "refused":
      return `refused ${outcome.code}`;
    case "never":
    case "unknown":
      return outcome.state;
  }
}
