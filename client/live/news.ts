import type { WatchEvent } from "../sdk/index.ts";
import { printableJson } from "../terminal/printable.ts";

/** Characters of a value that are kept to be shown on a line: most screens are narrower. */
const PREVIEW = 200;

/** The beginning of a value, as JSON that a terminal shows as it is. */
export interface Preview {
  readonly text: string;
  /** Whether that is all of it. */
  readonly isWhole: boolean;
}

/** A line's worth of what happened in a room. */
export type News = { readonly room: string /** Ms since 1970. */; readonly at: number } & (
  | { readonly kind: "put"; readonly by: string; readonly key: string; readonly preview: Preview }
  | { readonly kind: "delete"; readonly by: string; readonly key: string }
  /** It was there before a gap. */
  | { readonly kind: "gone"; readonly key: string }
  | { readonly kind: "gap"; readonly differing: number }
  | { readonly kind: "end"; readonly reason: string }
);

/** What an event says of each key, oldest first: nothing where it only says how a watch begins. */
export function newsOf(event: WatchEvent, now: number): News[] {
  const { room } = event;
  switch (event.kind) {
    case "snapshot":
      return [];
    case "change": {
      const { at, by } = event;
      return [
        ...event.puts.map(({ key, value }) => ({ kind: "put" as const, room, at, by, key, preview: previewOf(value) })),
        ...event.deletes.map((key) => ({ kind: "delete" as const, room, at, by, key })),
      ];
    }
    case "gap":
      return [
        { kind: "gap", room, at: now, differing: event.puts.length + event.deletes.length },
        ...event.puts.map(({ key, value, updatedAt: at, updatedBy: by }) => {
          return { kind: "put" as const, room, at, by, key, preview: previewOf(value) };
        }),
        ...event.deletes.map((key) => ({ kind: "gone" as const, room, at: now, key })),
      ];
    case "end":
      return [{ kind: "end", room, at: now, reason: event.reason }];
  }
}

/** A text of its own: a piece of a long value would keep all of that in memory. */
export function previewOf(value: string): Preview {
  const isWhole = value.length <= PREVIEW;
  const text = printableJson(isWhole ? value : value.slice(0, PREVIEW));
  return { text: isWhole ? text : text.slice(0, -1), isWhole };
}
