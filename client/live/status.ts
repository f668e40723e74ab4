import type { ConnectionState, Retry } from "../sdk/index.ts";

/** Where the view stands: what of it the model does not know. */
export interface Status {
  /** As it is to be shown. */
  readonly server: string;
  readonly connection: ConnectionState;
  /** The next attempt to connect; null but while `reconnecting`. */
  readonly retry: Retry | null;
  /** What is watched by now: names, or `*` for all rooms; none when all watches have ended. */
  readonly watched: readonly string[];
  /** Of all watches the one that is worst off; `live` where there is none. */
  readonly watching: "live" | "waiting" | "gap";
  /** Whether something has come since the pause began. */
  readonly hasWaiting: boolean;
}
