/** What the answer to `watch` and the pushes that follow it have in common. */
import * as v from "valibot";
import { Change, Entry, Timestamp } from "./fields.ts";

/** Where a watch begins: a snapshot, or the changes since `from`. */
export const START = {
  snapshot: v.optional(v.array(Entry)),
  changes: v.optional(v.array(Change)),
  /** The log does not reach back to `from`: what happened since is lost; the snapshot is what is there now. */
  gap: v.optional(v.literal(true)),
  /** Further pages follow as `start` pushes, before the first change. */
  more: v.optional(v.literal(true)),
};

/** What every push of a watch begins with. */
export const WATCHED = { watch: v.string(), room: v.string() };

/** Somebody who watches, and since when. */
export const WatcherInfo = v.object({ user: v.string(), since: Timestamp });
