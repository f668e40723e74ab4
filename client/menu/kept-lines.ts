/** More than these are not read out at once. */
const MOST = { sentence: 100, news: 20 } as const;

type Kind = keyof typeof MOST;

/** What is to be said later: the last sentences, and of the news fewer. */
export class KeptLines {
  #lines: readonly { readonly kind: Kind; readonly text: string }[] = [];
  #leftOut = 0;

  add(kind: Kind, text: string): void {
    this.#lines = [...this.#lines, { kind, text }];
    const same = this.#lines.filter((line) => line.kind === kind);
    if (same.length <= MOST[kind]) return;
    this.#lines = this.#lines.filter((line) => line !== same[0]);
    this.#leftOut += 1;
  }

  /** All of it, the oldest first, behind a line about what was left out. */
  take(): readonly string[] {
    const lines = this.#lines.map(({ text }) => text);
    const leftOut = this.#leftOut === 0 ? [] : [`Earlier lines that are left out here: ${this.#leftOut}.`];
    this.#lines = [];
    this.#leftOut = 0;
    return [...leftOut, ...lines];
  }
}
