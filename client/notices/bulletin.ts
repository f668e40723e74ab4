/** What happens within this time is shown together. */
const GATHER_MS = 50;
/** Time to read each piece, before more is shown. */
const PIECE_MS = 200;
/** A burst is shown in few lines, which take no longer to read than this. */
const MOST_MS = 1_000;

/** Gathers news, so that a burst of it is shown as one. */
export class Bulletin<T> {
  readonly #show: (news: readonly T[]) => void;
  #news: T[] = [];
  #holds = 0;
  #timer: NodeJS.Timeout | undefined;
  /** By the clock of `performance.now()`. */
  #restUntil = 0;

  constructor(show: (news: readonly T[]) => void) {
    this.#show = show;
  }

  add(piece: T): void {
    this.#news.push(piece);
    this.#schedule();
  }

  /** Shows nothing until the returned function is called. */
  hold(): () => void {
    this.#holds++;
    return () => {
      this.#holds--;
      if (this.#news.length > 0) this.#schedule();
    };
  }

  /** What is not shown yet never will be. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#news = [];
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#publish(), Math.max(GATHER_MS, this.#restUntil - performance.now()));
  }

  #publish(): void {
    this.#timer = undefined;
    if (this.#holds === 0) this.flush();
  }

  /** Shows at once what is not shown yet. */
  flush(): void {
    const news = this.#news;
    if (news.length === 0) return;
    this.#news = [];
    this.#restUntil = performance.now() + Math.min(news.length * PIECE_MS, MOST_MS);
    this.#show(news);
  }
}
