import type { Session } from "../domain/sessions.ts";
import type { Watcher } from "../domain/watching.ts";
import type { Owed } from "./owed.ts";

/** One connection of a session, as requests see it, whatever carries them. */
export interface Peer extends Watcher {
  readonly session: Session;
  /** Where the client is, for limits per address. */
  readonly address: string;
  /** Whether requests of this connection are still taken. */
  readonly open: boolean;
  /** Whether the client takes its answers too slowly for more of them to be encoded. */
  readonly congested: boolean;
  /** What the answers that wait for the client keep in memory. */
  readonly owed: Owed;
  /** Requests that came and are not answered yet. */
  unanswered: number;
  /** Resolves when the client has taken some of what was congested, or is gone. */
  relieved(): Promise<void>;
}
