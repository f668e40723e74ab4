/** Something that is done a while after it was first asked for, once for all that asked meanwhile. */
export class Soon {
  readonly #afterMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number, act: () => void) {
    this.#afterMs = afterMs;
    this.#act = act;
  }

  ask(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#act();
    }, this.#afterMs);
  }

  /** It is not to be done any more. Whether it was to be. */
  cancel(): boolean {
    const wasAsked = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return wasAsked;
  }
}
