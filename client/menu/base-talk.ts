/** What all ways to talk have in common: the end of a session, and the empty lines between parts. */
export abstract class BaseTalk {
  #end: AbortSignal | null = null;
  #atGap = true;

  /** Writes lines to the terminal. */
  protected abstract write(text: string): void;

  /** What ends questions from outside at present. */
  protected get end(): AbortSignal | null {
    return this.#end;
  }

  /** Whether there is nothing above from which to stay apart. */
  protected get atGap(): boolean {
    return this.#atGap;
  }

  protected set atGap(atGap: boolean) {
    this.#atGap = atGap;
  }

  print(text: string): void {
    this.write(text);
    this.#atGap = text === "";
  }

  gap(): void {
    if (!this.#atGap) this.print("");
  }

  async within<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    this.#end = signal;
    try {
      return await run();
    } finally {
      this.#end = null;
    }
  }
}
