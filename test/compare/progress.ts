import type { Writable } from "node:stream";

/** So long one step may take; then it is given up. */
const HALT_MS = 60_000;
/** On what is no terminal, a line so often. */
const LINE_MS = 5_000;

/** Says on one line how far a run is; on what is no terminal, a line every few seconds. */
export class Progress {
  readonly #out: Writable & { readonly isTTY?: boolean };
  readonly #began = performance.now();
  #total = 1;
  #done = 0;
  #saidAt = -Infinity;

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
  }

  /** @param total how much there is to do, in whatever unit `step` counts */
  begin(total: number): void {
    this.#total = total;
  }

  /** Says what comes next, and runs it. Rejects when it comes to a halt; what it has opened then stays open. */
  async step<T>(what: string, weight: number, run: () => Promise<T>): Promise<T> {
    this.#say(what);
    let halt: NodeJS.Timeout | undefined;
    const halted = new Promise<never>((_, reject) => {
      halt = setTimeout(() => reject(new Error(`nothing came of it within ${HALT_MS / 1_000} s`)), HALT_MS);
    });
    try {
      return await Promise.race([run(), halted]);
    } finally {
      clearTimeout(halt);
      this.#done += weight;
    }
  }

  end(what: string): void {
    this.#out.write(`${this.#out.isTTY === true ? "\r\x1b[K" : ""}${what}\n`);
  }

  #say(what: string): void {
    const now = performance.now();
    const line = progressLine(this.#done / this.#total, (now - this.#began) / 1_000, what);
    if (this.#out.isTTY === true) this.#out.write(`\r\x1b[K${line.slice(0, 79)}`);
    else if (now - this.#saidAt >= LINE_MS) this.#out.write(`${line}\n`);
    else return;
    this.#saidAt = now;
  }
}

/** @param share of the whole that is done, from 0 to 1 */
export function progressLine(share: number, seconds: number, what: string): string {
  const left = (seconds / share) * (1 - share);
  const later = share < 0.05 ? "" : left < 90 ? `, ${left.toFixed(0)} s left` : `, ${(left / 60).toFixed(0)} min left`;
  return `${(share * 100).toFixed(0).padStart(3)} %${later}: ${what}`;
}
