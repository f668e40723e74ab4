import type { WatchEvent } from "../../client/sdk/replica.ts";
import type { Position } from "../../protocol/fields.ts";
import { derived } from "./derived.ts";
import type { EventOf, History, WatchFilter } from "./history.ts";

export interface Told {
  readonly at: number;
  readonly event: WatchEvent;
}

export interface Moved extends Told {
  readonly event: Exclude<WatchEvent, { readonly kind: "end" }>;
}

/** What one watch was told of one room. */
export interface Stream {
  readonly opened: EventOf<"opened">;
  readonly openedAt: number;
  readonly room: string;
  readonly told: readonly Told[];
  /** Where it was to begin; null for a snapshot. */
  readonly from: Position | null;
  /** It was live when nothing was under way any more. Null where it need not have been told everything. */
  readonly quietAt: number | null;
}

/** One for each watch and each room that it was told of, or had to be. */
export const streamsOf = derived(({ events }: History): readonly Stream[] => {
  const opened = new Map<number, { readonly event: EventOf<"opened">; readonly at: number }>();
  const told = new Map<number, Map<string, Told[]>>();
  const quiet = new Map<number, number>();
  const rooms = new Set(events.flatMap((event) => ("room" in event && event.room !== null ? [event.room] : [])));
  rooms.delete("*");
  for (const [at, event] of events.entries()) {
    if (event.kind === "quiet") quiet.set(event.watch, at);
    if (event.kind === "opened") {
      opened.set(event.watch, { event, at });
      const heard = event.room === "*" ? [...rooms] : [event.room];
      told.set(event.watch, new Map(heard.map((room) => [room, []])));
    }
    if (event.kind !== "told") continue;
    const byRoom = told.get(event.watch);
    if (byRoom === undefined) throw new Error(`The watch ${event.watch} is told something without being opened.`);
    const { room } = event.event;
    const ofRoom = byRoom.get(room) ?? [];
    byRoom.set(room, ofRoom);
    ofRoom.push({ at, event: event.event });
  }
  return [...opened].flatMap(([watch, { event, at }]) =>
    [...(told.get(watch) ?? [])].map(([room, ofRoom]) => {
      const from = fromIn(event, room);
      return { opened: event, openedAt: at, room, told: ofRoom, from, quietAt: quiet.get(watch) ?? null };
    }),
  );
});

function fromIn({ room: asked, from }: EventOf<"opened">, room: string): Position | null {
  if (from === null) return null;
  if (asked !== "*") return from as Position;
  return Object.hasOwn(from, room) ? ((from as Readonly<Record<string, Position>>)[room] ?? null) : null;
}

/** The events of a stream that have a position, with the position before each; null before a beginning. */
export function movesOf(stream: Stream): { readonly before: Position | null; readonly move: Moved }[] {
  const moves: { before: Position | null; move: Moved }[] = [];
  let before = stream.from;
  for (const { at, event } of stream.told) {
    if (event.kind === "end") before = null;
    else {
      moves.push({ before, move: { at, event } });
      before = event.position;
    }
  }
  return moves;
}

/** Where the stream stands at its end; null where it has not begun, or has ended. */
export function standing(stream: Stream): Position | null {
  const last = stream.told.at(-1)?.event;
  if (last === undefined) return stream.from;
  return last.kind === "end" ? null : last.position;
}

export function covers({ key, prefix = "" }: WatchFilter, other: string): boolean {
  return key === undefined ? other.startsWith(prefix) : other === key;
}

export function isWhole({ key, prefix = "" }: WatchFilter): boolean {
  return key === undefined && prefix === "";
}

/** For messages. */
export function nameOf({ opened: { watch, client, filter }, room }: Stream): string {
  return `the watch ${watch} of ${client} (${room} ${JSON.stringify(filter)})`;
}
