/** Counts what users have under way, and tells when it has ended. */
export class InFlight {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Runs `work` as something that `user` has under way. */
  async track<T>(user: string, work: () => Promise<T>): Promise<T> {
    this.#counts.set(user, (this.#counts.get(user) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.#ended(user);
    }
  }

  /** Resolves when the user has nothing under way. */
  async idle(user: string): Promise<void> {
    if (!this.#counts.has(user)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(user, [...(this.#waiting.get(user) ?? []), resolve]);
    });
  }

  /** Resolves when nobody has anything under way. */
  async allIdle(): Promise<void> {
    await Promise.all([...this.#counts.keys()].map((user) => this.idle(user)));
  }

  #ended(user: string): void {
    const left = (this.#counts.get(user) ?? 1) - 1;
    if (left > 0) {
      this.#counts.set(user, left);
      return;
    }
    this.#counts.delete(user);
    const waiting = this.#waiting.get(user) ?? [];
    this.#waiting.delete(user);
    for (const resolve of waiting) resolve();
  }
}
