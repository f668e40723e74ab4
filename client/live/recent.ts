import type { News } from "./news.ts";

/** How many lines are kept. */
export const MAX_RECENT = 1_000;

/** News with its number: later news has a higher one. */
export type NewsRow = News & { readonly seq: number };

/** The last news, the oldest first; what came before is forgotten. */
export class Recent {
  readonly #rows: NewsRow[] = [];
  #seq = 0;

  add(news: readonly News[]): void {
    for (const each of news.slice(-MAX_RECENT)) this.#rows.push({ ...each, seq: ++this.#seq });
    this.#rows.splice(0, this.#rows.length - MAX_RECENT);
  }

  /** Newest first. */
  rows(isWanted: (row: NewsRow) => boolean): readonly NewsRow[] {
    return this.#rows.filter(isWanted).reverse();
  }
}
