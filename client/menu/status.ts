import type { Recovery } from "../notices/catch-up.ts";
import type { ConnectionState, Retry } from "../sdk/index.ts";

export interface Connection {
  readonly state: ConnectionState;
  readonly retry: Retry | null;
  /** The last one, as long as it is worth telling. */
  readonly recovery: Recovery | null;
}

/** What the connection is doing, in words and a mark that differ for each, and whether all is well. */
export function statusOf({
  state,
  retry,
  recovery,
}: Connection): readonly [text: string, mood: "green" | "yellow" | "red"] {
  switch (state) {
    case "connected":
      if (recovery?.gap) return ["◐ gap, reloaded", "yellow"];
      return [recovery === null ? "● live" : `● resumed, ${recovery.replayed} replayed`, "green"];
    case "stale":
      return ["◌ no word from the server", "yellow"];
    case "reconnecting":
      return [`○ reconnecting${retry === null ? "…" : attempt(retry)}`, "yellow"];
    case "closed":
      return ["○ closed", "red"];
  }
}

function attempt({ attempt, inMs }: Retry): string {
  const seconds = Math.ceil(inMs / 1000);
  return seconds === 0 ? ` now (attempt ${attempt})` : ` in ${seconds} s (attempt ${attempt})`;
}
