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
 * Slows guessing down: after some failures each further one keeps the subject shut for twice as long. Attempts under
 * way count as if they failed, so that trying many at once gains nothing.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();
  /** Attempts under way, by subject. */
  readonly #underWay = new Map<string, number>();
  /** Those that wait for an attempt of others to end. */
  readonly #waiting: (() => void)[] = [];

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

  /**
   * Makes an attempt when its turn comes; resolves with whether it succeeded. A success forgives the first subject.
   * @throws KeyroomError `rate_limited` as `admit` does
   */
  async attempt(subjects: readonly [Subject, ...Subject[]], check: () => Promise<boolean>): Promise<boolean> {
    await this.#begin(subjects);
    try {
      const succeeded = await check();
      if (succeeded) this.#records.delete(keyOf(subjects[0]));
      else this.failed(subjects);
      return succeeded;
    } finally {
      this.#count(subjects, -1);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  failed(subjects: readonly Subject[]): void {
    const now = this.#clock.monotonic();
    for (const subject of subjects) {
      const record = this.#live(subject) ?? { failures: 0, openAt: now };
      record.failures++;
      const openAt = Math.max(now, record.openAt) + delayAfter(record.failures - freeFailures(subject));
      // Whoever really owns it is never shut out for longer.
      record.openAt = Math.min(openAt, now + LONGEST_DELAY_MS);
      this.#remember(subject, record);
    }
  }

  async #begin(subjects: readonly Subject[]): Promise<void> {
    for (;;) {
      // Those admitted together are not alone with that: each asks again, and nothing is awaited before it is counted.
      if (this.#waitOf(subjects) > 0) await this.admit(subjects);
      else if (subjects.every((subject) => this.#hasRoom(subject))) return this.#count(subjects, 1);
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #hasRoom(subject: Subject): boolean {
    const free = freeFailures(subject) - (this.#live(subject)?.failures ?? 0);
    return (this.#underWay.get(keyOf(subject)) ?? 0) < Math.max(1, free);
  }

  #count(subjects: readonly Subject[], difference: 1 | -1): void {
    for (const key of subjects.map(keyOf)) {
      const count = (this.#underWay.get(key) ?? 0) + difference;
      if (count === 0) this.#underWay.delete(key);
      else this.#underWay.set(key, count);
    }
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
