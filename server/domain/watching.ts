/** What watching needs of the transport. */
import type { Push } from "../../protocol/pushes.ts";
import type { Connection } from "./sessions.ts";

/** Whoever has more than this waiting is taken off the live push, and caught up from the log when it has drained. */
export const BACKLOG_BYTES = 1024 * 1024;

/** A connection that can watch. */
export interface Watcher extends Connection {
  readonly user: string;
  /** Whether puts in a row may be told as series. */
  readonly takesSeries: boolean;
  /** From now on what is said to the channel reaches this connection too. */
  join(channel: string): void;
  leave(channel: string): void;
  /**
   * Resolves when the client has taken nearly everything, or is gone. One caller after the other: what is pushed in the
   * turn in which this resolves counts for the next.
   */
  drained(): Promise<void>;
}

/** Says something to all who have joined a channel; encoded once. */
export interface Audience {
  say(channel: string, payload: Push<"changes">): void;
}
