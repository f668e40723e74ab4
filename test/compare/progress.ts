import type { Writable } from "node:stream";

/** So long one step may take; then the run has come to a halt. */
const HALT_MS = 120_000;
/** On what is no terminal, a line so often. */
const LINE_MS = 5_000;

/** Says on one line how far a run is; on what is no terminal, a line every few seconds. */
export class Progress {
  readonly #out: Writable & { readonly isTTY?: boolean };
  readonly #began = performance.now();
  #total = 1;
  #done = 0;
  #saidAt = -Infinity;
  #halt: NodeJS.Timeout | undefined;

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
  }

  /** @param total how much there is to do, in whatever unit `step` counts */
  begin(total: number): void {
    this.#total = total;
  }

  /** Says what comes next, and runs it. */
  async step<T>(what: string, weight: number, run: () => Promise<T>): Promise<T> {
    this.#say(what);
    clearTimeout(this.#halt);
    this.#halt = setTimeout(() => {
      this.#out.write(`\nNothing has come of this for ${HALT_MS / 1_000} s: ${what}. Is the machine busy? Try again.\n`);
      process.exit(1);
    }, HALT_MS);
    try {
      return await run();
    } finally {
      clearTimeout(this.#halt);
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
