import type { Notice } from "../notices/notice.ts";

/** Older ones are forgotten. */
const MOST = 500;

/** The last news of watched rooms, and those of them that were shown nowhere else. */
export class Feed {
  #notices: readonly Notice[] = [];
  #fresh: readonly Notice[] = [];
  #unread = 0;

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** The last of the unread. */
  get fresh(): readonly Notice[] {
    return this.#fresh;
  }

  get unread(): number {
    return this.#unread;
  }

  /** @param seen whether they were shown one by one */
  add(notices: readonly Notice[], seen: boolean): void {
    this.#notices = [...this.#notices, ...notices].slice(-MOST);
    if (seen) return;
    this.#unread += notices.length;
    this.#fresh = [...this.#fresh, ...notices].slice(-MOST);
  }

  read(): void {
    this.#unread = 0;
    this.#fresh = [];
  }
}
