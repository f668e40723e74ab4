import { createHash } from "node:crypto";
import type { Change, Filter } from "../engine/port.ts";

export function matches(filter: Filter, key: string): boolean {
  switch (filter.kind) {
    case "all":
      return true;
    case "key":
      return key === filter.key;
    case "prefix":
      return key.startsWith(filter.prefix);
  }
}

/** What of a change a watch with this filter may see; null when that is nothing. */
export function restrict(change: Change, filter: Filter): Change | null {
  const { revision, tag, at, by } = change;
  if (filter.kind === "all") return { revision, tag, at, by, puts: change.puts, deletes: change.deletes };
  const puts = change.puts.filter(({ key }) => matches(filter, key));
  const deletes = change.deletes.filter((key) => matches(filter, key));
  return puts.length + deletes.length === 0 ? null : { revision, tag, at, by, puts, deletes };
}

/** Names the question and not the asker, so that one frame serves all who ask it. Short, whatever the key. */
export function watchId(room: string, filter: Filter, copy: number): string {
  return createHash("sha256")
    .update(JSON.stringify([room, filter, copy]))
    .digest("base64url")
    .slice(0, 22);
}
