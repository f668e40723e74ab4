import type { Notice } from "../notices/notice.ts";

/** Older ones are forgotten. */
const MOST = 500;

/** The last news of watched rooms, and how many of them nobody has seen. */
export class Feed {
  #notices: readonly Notice[] = [];
  #unread = 0;

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  get unread(): number {
    return this.#unread;
  }

  /** @param seen whether they were shown one by one */
  add(notices: readonly Notice[], seen: boolean): void {
    this.#notices = [...this.#notices, ...notices].slice(-MOST);
    if (!seen) this.#unread += notices.length;
  }

  read(): void {
    this.#unread = 0;
  }
}
