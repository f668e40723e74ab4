import type { Entry } from "../../protocol/fields.ts";
import { ALL_ROOMS, type WatchEvent } from "./replica.ts";

/** What there is, as of the last event that was handed out. The maps stay the same for as long as the watch lives. */
export class KeptEntries {
  /** Of a watch of one room, by key. */
  readonly entries = new Map<string, Entry>();
  readonly rooms = new Map<string, Map<string, Entry>>();

  constructor(room: string) {
    if (room !== ALL_ROOMS) this.rooms.set(room, this.entries);
  }

  apply(event: WatchEvent): void {
    const { room } = event;
    const entries = this.rooms.get(room) ?? new Map<string, Entry>();
    this.rooms.set(room, entries);
    if (event.kind === "end") {
      entries.clear();
      this.rooms.delete(room);
      return;
    }
    if (event.reset) entries.clear();
    for (const entry of event.puts) entries.set(entry.key, entry);
    for (const key of event.deletes) entries.delete(key);
  }
}
