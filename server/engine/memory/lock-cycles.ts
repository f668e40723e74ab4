/**
 * Finds owners who wait for each other: a search along who waits for whom. To be in a queue is to wait for all who came
 * before and are in the way; of each queue the search walks on only from where it has been, and the holders of a key it
 * meets once, so that long queues and many holders cost it no more than their number.
 */
import { earlierWaiters, type KeyLock, otherHolds, type Waiter } from "./key-lock.ts";

/**
 * Whether somebody for whom the newcomer would wait waits for the newcomer's owner.
 * @param waiting the requests of each owner that wait already
 */
export function closesCycle(
  newcomer: Waiter,
  locks: ReadonlyMap<string, KeyLock>,
  waiting: ReadonlyMap<string, ReadonlySet<Waiter>>,
): boolean {
  const seen = new Set<string>();
  /** How far into each queue the search has been: for all of it, and for those only who want the key for themselves. */
  const walked = { exclusive: new Map<string, number>(), shared: new Map<string, number>() };
  /** Keys whose holders have been met. */
  const met = { exclusive: new Set<string>(), shared: new Set<string>() };
  const open: Waiter[] = [newcomer, ...(waiting.get(newcomer.owner) ?? [])];
  const meet = (owner: string): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    open.push(...(waiting.get(owner) ?? []));
  };
  for (let waiter = open.pop(); waiter !== undefined; waiter = open.pop()) {
    const { owner, wants, place } = waiter;
    for (const [key, mode] of wants) {
      const lock = locks.get(key);
      if (lock === undefined) continue;
      if (!met[mode].has(key)) for (const hold of otherHolds(lock, owner, mode)) meet(hold.owner);
      // But for himself: unless he is the newcomer, he is known already.
      if (owner !== newcomer.owner) met[mode].add(key);
      const from = walked[mode].get(key) ?? 0;
      if (place <= from || lock.holds.has(owner)) continue;
      for (const earlier of earlierWaiters(lock, owner, mode, place)) {
        if (earlier.place > from && earlier.owner !== owner) meet(earlier.owner);
      }
      // His own places in the queue were passed over, and somebody may stand behind one of them.
      if (owner !== newcomer.owner) walked[mode].set(key, place);
    }
    if (seen.has(newcomer.owner)) return true;
  }
  return false;
}
