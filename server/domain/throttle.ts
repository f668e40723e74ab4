import { KeyroomError } from "../../protocol/errors.ts";
import type { Clock } from "./clock.ts";

/** Failures without a delay: of one person, and of something that a whole class may share. */
const FREE_FAILURES = 3;
const FREE_SHARED_FAILURES = 20;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** An attempt that would have to wait longer is refused. */
const LONGEST_WAIT_MS = 5_000;
/** After this long without a failure all is forgiven. */
const FORGET_MS = 15 * 60_000;
const MAX_SUBJECTS = 10_000;

/** What attempts are counted for: one person's account, or what many share, like the address of a school. */
export type Subject = string | { readonly shared: string };

interface Record {
  failures: number;
  /** Monotonic ms before which nothing is tried. */
  openAt: number;
}

/**
 * Slows guessing down: after some failures each further one keeps the subject shut for twice as long. Failures in parallel add up, so that trying many at once gains nothing.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when an attempt may be made.
   * @throws KeyroomError `rate_limited` when that would take longer than 5 s
   */
  async admit(subjects: readonly Subject[]): Promise<void> {
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
  isOpen(subjects: readonly Subject[]): boolean {
    return this.#waitOf(subjects) === 0;
  }

  failed(subjects: readonly Subject[]): void {
    const now = this.#clock.monotonic();
    for (const subject of subjects) {
      const record = this.#live(subject) ?? { failures: 0, openAt: now };
      record.failures++;
      record.openAt = Math.max(now, record.openAt) + delayAfter(record.failures - freeFailures(subject));
      this.#remember(subject, record);
    }
  }

  succeeded(subject: Subject): void {
    this.#records.delete(keyOf(subject));
  }

  #waitOf(subjects: readonly Subject[]): number {
    const now = this.#clock.monotonic();
    return Math.max(0, ...subjects.map((subject) => (this.#live(subject)?.openAt ?? now) - now));
  }

  #live(subject: Subject): Record | undefined {
    const record = this.#records.get(keyOf(subject));
    return record !== undefined && this.#clock.monotonic() - record.openAt < FORGET_MS ? record : undefined;
  }

  #remember(subject: Subject, record: Record): void {
    const key = keyOf(subject);
    // Deleting first moves the subject to the end, so that the one dropped is the one that failed longest ago.
    this.#records.delete(key);
    this.#records.set(key, record);
    if (this.#records.size <= MAX_SUBJECTS) return;
    const [oldest] = this.#records.keys();
    this.#records.delete(oldest as string);
  }
}

function keyOf(subject: Subject): string {
  return typeof subject === "string" ? subject : subject.shared;
}

function freeFailures(subject: Subject): number {
  return typeof subject === "string" ? FREE_FAILURES : FREE_SHARED_FAILURES;
}

/** @param excess failures beyond the free ones; the last free one already costs the first delay */
function delayAfter(excess: number): number {
  return excess < 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** excess);
}
