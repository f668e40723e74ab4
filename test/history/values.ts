/** How long each value was there, of the rooms whose commits a witness saw. */
import { derived } from "./derived.ts";
import type { History, Lifetime } from "./history.ts";
import type { Stretch } from "./holds.ts";
import { accountOf, type Write } from "./writes.ts";

/** The commits that `system` makes in rooms that go on. */
export const SYSTEM = "system";

/** From the commit that put it to the one that put another or deleted it, or to the loss of the room. */
export interface Value {
  readonly room: string;
  readonly key: string;
  readonly life: Lifetime;
  /** Null where no recorded call has put it. */
  readonly write: Write | null;
  readonly there: Stretch;
  /** How it ended: `deleted` by `system`, and not with its room. */
  readonly end: "deleted" | "otherwise" | "not";
}

export interface Values {
  readonly values: readonly Value[];
  /** Deletes by `system` of what was not there. */
  readonly empty: readonly { readonly at: number; readonly room: string; readonly key: string }[];
}

export const valuesOf = derived((history: History): Values => {
  const values: Value[] = [];
  const empty: { at: number; room: string; key: string }[] = [];
  const current = new Map<string, Map<string, Value>>();
  const { writeOf, commits } = accountOf(history);
  const witnessed = new Map(commits.map((commit) => [commit.at, commit]));
  const finish = (room: string, key: string, at: number, end: Value["end"]): boolean => {
    const value = current.get(room)?.get(key);
    if (value === undefined) return false;
    current.get(room)?.delete(key);
    values.push({ ...value, there: { from: value.there.from, to: at }, end });
    return true;
  };
  for (const [at, event] of history.events.entries()) {
    if (event.kind === "lost" && event.phase === "begun") {
      const rooms = event.room === null ? [...current.keys()] : [event.room];
      for (const room of rooms)
        for (const key of [...(current.get(room)?.keys() ?? [])]) finish(room, key, at, "otherwise");
    }
    const commit = witnessed.get(at);
    if (event.kind !== "committed" || commit === undefined) continue;
    const { room, change } = event;
    const isExpiry = change.by === SYSTEM && !isLast(history, room, at);
    for (const key of change.deletes) {
      const isThere = finish(room, key, at, isExpiry ? "deleted" : "otherwise");
      if (!isThere && change.by === SYSTEM) empty.push({ at, room, key });
    }
    const write = writeOf.get(commit) ?? null;
    const ofRoom = current.get(room) ?? new Map<string, Value>();
    current.set(room, ofRoom);
    for (const { key } of change.puts) {
      finish(room, key, at, "otherwise");
      const { ttlMs, ephemeral } = write?.request.puts.find((put) => put.key === key) ?? {};
      const life = { ...(ttlMs === undefined ? {} : { ttlMs }), ...(ephemeral === true ? { ephemeral } : {}) };
      ofRoom.set(key, { room, key, life, write, there: { from: at, to: Infinity }, end: "not" });
    }
  }
  return { values: [...values, ...[...current.values()].flatMap((ofRoom) => [...ofRoom.values()])], empty };
});

/** Whether the room is deleted with this commit. */
function isLast({ events }: History, room: string, at: number): boolean {
  const next = events[at + 1];
  return next?.kind === "lost" && next.room === room && next.phase === "begun";
}
