import { KeyroomError } from "../../protocol/errors.ts";
import type { Clock } from "./clock.ts";

const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** An attempt that would have to wait longer is refused. */
const LONGEST_WAIT_MS = 5_000;
/** After this long without a failure all is forgiven. */
const FORGET_MS = 15 * 60_000;
const MAX_SUBJECTS = 10_000;

interface Record {
  failures: number;
  /** Monotonic ms before which nothing is tried. */
  openAt: number;
}

/**
 * Slows guessing down: after three failures each further one keeps the subject (an account, an address) shut for
 * twice as long. Failures in parallel add up, so that trying many at once gains nothing.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #subjects = new Map<string, Record>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when an attempt may be made.
   * @throws KeyroomError `rate_limited` when that would take longer than 5 s
   */
  async admit(subjects: readonly string[]): Promise<void> {
    const wait = this.#waitOf(subjects);
    if (wait > LONGEST_WAIT_MS) {
      throw new KeyroomError(
        "rate_limited",
        `Too many wrong attempts. Try again in ${Math.ceil(wait / 1000)} seconds.`,
      );
    }
    if (wait > 0) await new Promise<void>((resolve) => this.#clock.after(wait, resolve));
  }

  /** Whether an attempt may be made right now: those admitted together are not alone with that. */
  isOpen(subjects: readonly string[]): boolean {
    return this.#waitOf(subjects) === 0;
  }

  failed(subjects: readonly string[]): void {
    const now = this.#clock.monotonic();
    for (const subject of subjects) {
      const record = this.#live(subject) ?? { failures: 0, openAt: now };
      record.failures++;
      record.openAt = Math.max(now, record.openAt) + delayAfter(record.failures);
      this.#remember(subject, record);
    }
  }

  succeeded(subject: string): void {
    this.#subjects.delete(subject);
  }

  #waitOf(subjects: readonly string[]): number {
    const now = this.#clock.monotonic();
    return Math.max(0, ...subjects.map((subject) => (this.#live(subject)?.openAt ?? now) - now));
  }

  #live(subject: string): Record | undefined {
    const record = this.#subjects.get(subject);
    return record !== undefined && this.#clock.monotonic() - record.openAt < FORGET_MS ? record : undefined;
  }

  #remember(subject: string, record: Record): void {
    // Deleting first moves the subject to the end, so that the one dropped is the one that failed longest ago.
    this.#subjects.delete(subject);
    this.#subjects.set(subject, record);
    if (this.#subjects.size <= MAX_SUBJECTS) return;
    const [oldest] = this.#subjects.keys();
    this.#subjects.delete(oldest as string);
  }
}

function delayAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES));
}
