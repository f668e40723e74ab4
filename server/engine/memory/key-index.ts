import { compareUtf8 } from "../../../protocol/text.ts";

/** A room's keys in the order of their UTF-8 bytes. */
export class KeyIndex {
  readonly #keys: string[] = [];

  add(key: string): void {
    this.#keys.splice(this.#lowerBound(key), 0, key);
  }

  remove(key: string): void {
    this.#keys.splice(this.#lowerBound(key), 1);
  }

  /** The keys with `prefix` that come after `after`. */
  *range(prefix: string, after?: string): Generator<string> {
    const behind = after !== undefined && compareUtf8(after, prefix) >= 0;
    let at = this.#lowerBound(behind ? after : prefix);
    if (behind && this.#keys[at] === after) at++;
    for (; at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  /** Where `key` is, or would be. */
  #lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
