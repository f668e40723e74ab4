/**
 * Finds owners who wait for each other: a search along who waits for whom. To be in a queue is to wait for all who came
 * before and are in the way, and for whoever shares the key by now and wants it for himself: he will pass. Of each queue the search walks on only from where it has been, and the holders of a key it
 * meets once, so that long queues and many holders cost it no more than their number.
 */
import { earlierWaiters, type KeyLock, otherHolds, type Waiter } from "./key-lock.ts";

/**
 * Whether somebody for whom the newcomer would wait, or its owner waits already, waits for that owner, or would if the
 * newcomer were served.
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
  const risersMet = new Set<string>();
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
      if (mode === "shared" && !risersMet.has(key)) {
        if (owner !== newcomer.owner && wantsToRise(newcomer, key, lock)) return true;
        for (const riser of risers(key, lock)) if (riser.owner !== owner) meet(riser.owner);
        if (owner !== newcomer.owner) risersMet.add(key);
      }
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

/** Those who hold the key and wait to have it for themselves. Of several all but one would have been refused. */
function* risers(key: string, lock: KeyLock): Generator<Waiter> {
  for (const waiter of lock.exclusives) if (wantsToRise(waiter, key, lock)) yield waiter;
}

function wantsToRise({ owner, wants }: Waiter, key: string, { holds }: KeyLock): boolean {
  return wants.get(key) === "exclusive" && holds.has(owner);
}
