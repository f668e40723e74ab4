import type { WatchEvent } from "../sdk/index.ts";
import { type Preview, previewOf } from "./news.ts";

/** So many changes of one key are kept. */
export const MAX_PAST = 100;

const ASKING = "Asking for older ones…";
const OLDER = "There are older ones. The command history prints all of them.";

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
  #next: number | null = null;

  get changes(): readonly PastChange[] {
    return this.#changes;
  }

  /** What there is of older changes, in a sentence; empty where nothing is known of them or all is told. */
  get beginning(): string {
    return this.#beginning;
  }

  /** The log has more to be shown, before this revision; null where nothing is to be asked for. */
  get next(): number | null {
    return this.#next;
  }

  apply(event: WatchEvent, ofKey: string): void {
    if (event.kind !== "change") {
      // Numbers may mean something else from here on, and single changes are missing.
      this.#changes = [];
      this.#next = null;
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
    this.#keep([{ revision, at, by, preview }, ...this.#changes]);
  }

  /** @param before what `next` was when this page was asked for; null for the first */
  answered({ changes, more, reaches }: LoggedPast, before: number | null = null): void {
    // A gap came meanwhile.
    if (before !== null && before !== this.#next) return;
    const newest = changes[0]?.revision ?? 0;
    const since = this.#changes.filter(({ revision }) => revision > newest);
    const logged = changes.map(({ value, ...change }) => ({
      ...change,
      preview: value === null ? null : previewOf(value),
    }));
    this.#next = more ? (changes.at(-1)?.revision ?? null) : null;
    this.#beginning =
      this.#next !== null ? ASKING : reaches <= 1 ? "" : `The server's log goes back to revision ${reaches}.`;
    this.#keep([...since, ...logged]);
  }

  /** Nothing more is asked for. */
  settled(): void {
    if (this.#next !== null) this.#leaveOutOlder();
  }

  /** What was asked for is not told. */
  failed(reason: string): void {
    this.#next = null;
    this.#beginning = `Older changes are not known. ${reason}`;
  }

  #keep(changes: readonly PastChange[]): void {
    this.#changes = changes.slice(0, MAX_PAST);
    const isFull = changes.length === MAX_PAST && this.#next !== null;
    if (isFull || changes.length > MAX_PAST) this.#leaveOutOlder();
  }

  #leaveOutOlder(): void {
    this.#next = null;
    this.#beginning = OLDER;
  }
}
