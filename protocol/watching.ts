/** What the answers to `watch`, `watchers` and `locks` and the pushes that follow them have in common. */
import { Change, Entry, LockHolding, LockWait, Timestamp } from "./fields.ts";
import * as s from "./shape.ts";

/** Where a watch begins: a snapshot, or the changes since `from`. */
export const START = {
  snapshot: s.optional(s.array(Entry)),
  changes: s.optional(s.array(Change)),
  /** The log does not reach back to `from`: what happened since is lost; the snapshot is what is there now. */
  gap: s.optional(s.literal(true)),
  /** Further pages follow as `start` pushes, before the first change. */
  more: s.optional(s.literal(true)),
};

/** What every push of a watch begins with. */
export const WATCHED = { watch: s.string(), room: s.string() };

/** Somebody who watches, and since when. */
export const WatcherInfo = s.object({ user: s.string(), since: Timestamp });

/** The locks of a room, and who waits for some. */
export const LOCK_LIST = {
  holders: s.array(LockHolding),
  waiters: s.array(LockWait),
  /** Whether there are more than are listed. */
  more: s.boolean(),
};
