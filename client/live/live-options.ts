import type { Store } from "../sdk/index.ts";
import type { Io } from "../terminal/io.ts";

export interface LiveOptions {
  readonly store: Store;
  /** Names, or `*` alone for all rooms. */
  readonly rooms: readonly string[];
  /** How the server is called in the header. */
  readonly server: string;
  readonly io: Io;
  /** Its abort ends the view, too. */
  readonly end: AbortSignal | null;
  /** For screen readers and terminals without a cursor: lines that are added at the end, and no screen. */
  readonly plain: boolean;
}

/** Calls `fail` with the signal's reason once it is aborted; the returned function stops that. */
export function onAbort(end: AbortSignal | null, fail: (reason: unknown) => void): () => void {
  const aborted = (): void => fail(end?.reason);
  end?.addEventListener("abort", aborted);
  return () => end?.removeEventListener("abort", aborted);
}
