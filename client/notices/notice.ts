import type { WatchEvent } from "../sdk/index.ts";

/** One piece of news of a watched room. */
export type Notice = { readonly room: string /** Ms since 1970. */; readonly at: number } & (
  | { readonly kind: "put"; readonly by: string; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly by: string; readonly key: string }
  /** It was there before a gap. */
  | { readonly kind: "gone"; readonly key: string }
  | { readonly kind: "begin"; readonly keys: number }
  | { readonly kind: "gap"; readonly differs: boolean }
  /** The server cannot take it yet. */
  | { readonly kind: "waiting"; readonly reason: string }
  | { readonly kind: "end"; readonly reason: string }
  /** The user's own locks are lost; why, as the end of a sentence. */
  | { readonly kind: "lost"; readonly keys: readonly string[]; readonly why: string }
);

/** What an event says, in pieces of one line each. */
export function noticesOf(event: WatchEvent, now: number): readonly Notice[] {
  const { room } = event;
  switch (event.kind) {
    case "snapshot":
      return [{ kind: "begin", room, at: now, keys: event.puts.length }];
    case "change": {
      const { at, by } = event;
      return [
        ...event.puts.map(({ key, value }) => ({ kind: "put" as const, room, at, by, key, value })),
        ...event.deletes.map((key) => ({ kind: "delete" as const, room, at, by, key })),
      ];
    }
    case "gap":
      return [
        { kind: "gap", room, at: now, differs: event.puts.length + event.deletes.length > 0 },
        ...event.puts.map(({ key, value, updatedAt, updatedBy }) => {
          return { kind: "put" as const, room, at: updatedAt, by: updatedBy, key, value };
        }),
        ...event.deletes.map((key) => ({ kind: "gone" as const, room, at: now, key })),
      ];
    case "end":
      return [{ kind: "end", room, at: now, reason: event.reason }];
  }
}
