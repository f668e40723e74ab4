import type { Room } from "../sdk/index.ts";
import { MAX_PAST } from "./past.ts";
import type { Subject } from "./subject.ts";

/** Pages of 1 MiB at most: where values are large, not all that can be shown is worth its time. */
const MOST_PAGES = 8;

/**
 * Asks for a key's history, page by page, as far as it is shown.
 * @param listener whether the key is still looked at, and what is called when more is known of it
 */
export async function askPast(
  room: Pick<Room, "history">,
  { key, past }: Subject,
  listener: { isWanted(): boolean; changed(): void },
): Promise<void> {
  try {
    let page = await room.history(key, { limit: MAX_PAST });
    const { epoch } = page.position;
    past.answered(page);
    for (let pages = 1; past.next !== null && pages < MOST_PAGES && listener.isWanted(); pages++) {
      listener.changed();
      const before = past.next;
      page = await room.history(key, { limit: MAX_PAST, before });
      // The room was deleted meanwhile, which the watch tells.
      if (page.position.epoch !== epoch) break;
      past.answered(page, before);
    }
    past.settled();
  } catch (error) {
    past.failed(error instanceof Error ? error.message : String(error));
  }
  listener.changed();
}
