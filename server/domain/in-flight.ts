/** Knows what users have under way, and tells when it has ended. */
export class InFlight {
  readonly #byUser = new Map<string, Set<Promise<unknown>>>();

  /** Runs `work` as something that `user` has under way. */
  async track<T>(user: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    const all = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, all.add(running));
    try {
      return await running;
    } finally {
      all.delete(running);
      if (all.size === 0) this.#byUser.delete(user);
    }
  }

  /** Resolves when what the user has under way by now has ended; what comes later is not waited for. */
  async idle(user: string): Promise<void> {
    await Promise.allSettled(this.#byUser.get(user) ?? []);
  }
}
