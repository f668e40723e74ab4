/**
 * Finds owners who wait for each other: a search along who waits for whom.
 *
 * To wait for a key is to wait for its holders; for those in its queue who came before and are in the way; and for
 * whoever shares it by now and wants it for himself, as he will pass. Of those in the queue who keep what they are
 * given, the owner has to let go, and so whatever he waits for counts; of those who do not, only what they wait for
 * themselves. Who has asked for the key before, to keep it, gets it with that. Of each queue the search walks on only
 * from where it has been, and it meets the holders of a key once, so that long queues and many holders cost it no more
 * than their number.
 */
import { covers, earlierWaiters, type KeyLock, otherHolds, type Waiter } from "./key-lock.ts";

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
  const met = new Set<string>();
  const reached = new Set<Waiter>();
  /** How far into each queue the search has been: for all of it, and for those only who want the key for themselves. */
  const walked = { exclusive: new Map<string, number>(), shared: new Map<string, number>() };
  /** Keys whose holders have all been met. */
  const known = { exclusive: new Set<string>(), shared: new Set<string>() };
  const open: Waiter[] = [];
  const reach = (waiter: Waiter): void => {
    if (reached.has(waiter)) return;
    reached.add(waiter);
    open.push(waiter);
  };
  const meet = (owner: string): void => {
    if (met.has(owner)) return;
    met.add(owner);
    for (const waiter of waiting.get(owner) ?? []) reach(waiter);
  };
  const look = (waiter: Waiter, key: string, lock: KeyLock): void => {
    const { owner, wants, place } = waiter;
    const mode = wants.get(key) ?? "shared";
    if (!known[mode].has(key)) {
      for (const hold of otherHolds(lock, owner, mode)) meet(hold.owner);
      if (mode === "shared") for (const riser of risers(key, lock)) if (riser.owner !== owner) meet(riser.owner);
      // But for himself.
      if (!lock.holds.has(owner)) known[mode].add(key);
    }
    const from = walked[mode].get(key) ?? 0;
    if (place <= from || lock.holds.has(owner)) return;
    let passesOwn = owner === newcomer.owner;
    for (const earlier of earlierWaiters(lock, owner, mode, place)) {
      if (earlier.place <= from) continue;
      passesOwn ||= earlier.owner === owner;
      if (earlier.keeps && earlier.owner !== owner) meet(earlier.owner);
      else reach(earlier);
    }
    // Somebody may stand behind a place of his own, as behind this.
    if (!passesOwn) walked[mode].set(key, place - 1);
  };
  reach(newcomer);
  for (const own of waiting.get(newcomer.owner) ?? []) reach(own);
  for (let waiter = open.pop(); waiter !== undefined; waiter = open.pop()) {
    for (const [key, mode] of waiter.wants) {
      const lock = locks.get(key);
      if (lock === undefined) continue;
      if (mode === "shared" && waiter.owner !== newcomer.owner && wantsToRise(newcomer, key, lock)) return true;
      const first = askedBefore(waiter, key, waiting.get(waiter.owner) ?? []);
      if (first === undefined) look(waiter, key, lock);
      else reach(first);
    }
    if (met.has(newcomer.owner)) return true;
  }
  return false;
}

/** An earlier request of the same owner by which he will have the key. */
function askedBefore({ place, wants }: Waiter, key: string, own: Iterable<Waiter>): Waiter | undefined {
  const mode = wants.get(key) ?? "shared";
  for (const other of own) {
    const asked = other.wants.get(key);
    if (other.place < place && other.keeps && asked !== undefined && covers(asked, mode)) return other;
  }
  return undefined;
}

/** Those who hold the key and wait to have it for themselves. Of several all but one would have been refused. */
function* risers(key: string, lock: KeyLock): Generator<Waiter> {
  for (const waiter of lock.exclusives) if (wantsToRise(waiter, key, lock)) yield waiter;
}

function wantsToRise({ owner, wants, keeps }: Waiter, key: string, { holds }: KeyLock): boolean {
  return keeps && wants.get(key) === "exclusive" && holds.has(owner);
}
