import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "../terminal/replace-file.ts";
import { systemCode, systemReason } from "../terminal/system-reason.ts";

/** Lines that are kept. */
const MOST_LINES = 1_000;
/** Characters of a line that is kept: longer ones are values that nobody types twice. */
const LONGEST = 2_000;

/**
 * The lines typed earlier, the oldest first, in a file only its owner can read. Several programs may add to it at once.
 * Trouble with it is told to `warn` once, in a sentence, and is never an error.
 */
export class History {
  readonly #file: string;
  readonly #warn: (sentence: string) => void;
  #lines: string[] = [];
  #isBroken = false;

  constructor(file: string, warn: (sentence: string) => void) {
    this.#file = file;
    this.#warn = warn;
    this.#read();
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Keeps a line, unless it is the last one again. At once: the program may end. */
  add(line: string): void {
    if (line.trim() === "" || line.length > LONGEST || line === this.#lines.at(-1)) return;
    this.#lines = [...this.#lines, line].slice(-MOST_LINES);
    if (this.#isBroken) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      this.#isBroken = true;
      this.#warn(`Cannot keep what you type in ${this.#file}: ${systemReason(error)}.`);
    }
  }

  #read(): void {
    try {
      const lines = readFileSync(this.#file, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      this.#lines = lines.slice(-MOST_LINES);
      if (lines.length > 2 * MOST_LINES) replaceFile(this.#file, this.#lines.map((line) => `${line}\n`).join(""));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return;
      this.#isBroken = true;
      this.#warn(`Cannot read what you typed earlier in ${this.#file}: ${systemReason(error)}.`);
    }
  }
}
