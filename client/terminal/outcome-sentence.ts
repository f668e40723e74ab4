import type { Room } from "../sdk/index.ts";

/** What the server says of a write whose answer was lost. */
export function outcomeSentence(outcome: Awaited<ReturnType<Room["outcome"]>>): string {
  switch (outcome.state) {
    case "committed":
      return `The server says: it was done${outcome.revision === null ? "" : `, as revision ${outcome.revision}`}.`;
    case "refused":
      return `The server says: it was refused (${outcome.code}).`;
    case "never":
      return "The server says: it was not done, and never will be.";
    case "unknown":
      return "The server cannot tell any more. Look at the key before you try again.";
  }
}
