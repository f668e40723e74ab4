/** The words of the command line, read from left to right. */
export class Words {
  readonly #words: readonly string[];
  #next = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** The next word, or one that comes `behind` it, left where it is. */
  peek(behind = 0): string | undefined {
    return this.#words[this.#next + behind];
  }

  take(): string | undefined {
    const word = this.peek();
    if (word !== undefined) this.#next++;
    return word;
  }
}
