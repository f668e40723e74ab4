import type { History } from "./history.ts";

/** What is computed from a history, once for all validators. */
export function derived<T>(compute: (history: History) => T): (history: History) => T {
  const known = new WeakMap<History, T>();
  return (history) => {
    const before = known.get(history);
    if (before !== undefined) return before;
    const value = compute(history);
    known.set(history, value);
    return value;
  };
}

/** The list under this key, which is made when there is none. */
export function listAt<K, T>(lists: Map<K, T[]>, key: K): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
