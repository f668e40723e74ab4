import type { WatchEvent } from "../sdk/index.ts";
import { type Preview, previewOf } from "./news.ts";

/** So many changes of one key are kept. */
export const MAX_PAST = 100;

/** What one change made of a key. */
export interface PastChange {
  readonly revision: number;
  readonly at: number;
  readonly by: string;
  /** Null where the key was deleted. */
  readonly preview: Preview | null;
}

/** What a room's log says of a key. */
export interface LoggedPast {
  /** Newest first. */
  readonly changes: readonly {
    readonly revision: number;
    readonly at: number;
    readonly by: string;
    readonly value: string | null;
  }[];
  readonly more: boolean;
  /** The log has all from this revision on. */
  readonly reaches: number;
}

/** A key's changes, newest first: those of the log, once they were asked for, and behind them those that are told. */
export class Past {
  #changes: readonly PastChange[] = [];
  #beginning = "";

  get changes(): readonly PastChange[] {
    return this.#changes;
  }

  /** What there is of older changes, in a sentence; empty where nothing is known of them or all is told. */
  get beginning(): string {
    return this.#beginning;
  }

  apply(event: WatchEvent, ofKey: string): void {
    if (event.kind !== "change") {
      // Numbers may mean something else from here on, and single changes are missing.
      this.#changes = [];
      this.#beginning = "What came before is not known any more. Open the key again to ask for it.";
      return;
    }
    const put = event.puts.find(({ key }) => key === ofKey);
    if (put === undefined && !event.deletes.includes(ofKey)) return;
    const { revision } = event.position;
    // The log may have told it before the watch does: after a pause it tells what came long ago.
    if (revision <= (this.#changes[0]?.revision ?? 0)) return;
    const { at, by } = event;
    const preview = put === undefined ? null : previewOf(put.value);
    this.#changes = [{ revision, at, by, preview }, ...this.#changes].slice(0, MAX_PAST);
  }

  answered({ changes, more, reaches }: LoggedPast): void {
    const newest = changes[0]?.revision ?? 0;
    const since = this.#changes.filter(({ revision }) => revision > newest);
    const logged = changes.map(({ value, ...change }) => ({
      ...change,
      preview: value === null ? null : previewOf(value),
    }));
    this.#changes = [...since, ...logged].slice(0, MAX_PAST);
    this.#beginning = more || reaches <= 1 ? "" : `The server's log goes back to revision ${reaches}.`;
  }
}
