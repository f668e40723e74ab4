/** Those who wait for answers on one connection; they are served in the order in which they asked. */
export class Answers {
  readonly #waiting: { readonly resolve: (answer: string) => void; readonly reject: (why: Error) => void }[] = [];
  #lost: Error | null = null;

  next(): Promise<string> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  came(answer: string): void {
    this.#waiting.shift()?.resolve(answer);
  }

  lose(why: Error): void {
    this.#lost ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
  }
}
