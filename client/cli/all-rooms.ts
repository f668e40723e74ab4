import type { Store } from "../sdk/index.ts";

/** All rooms, page by page; for managers. */
export async function allRooms(store: Store) {
  const all: Awaited<ReturnType<Store["rooms"]>>["rooms"][number][] = [];
  for (;;) {
    const after = all.at(-1)?.room;
    const page = await store.rooms(after === undefined ? {} : { after });
    all.push(...page.rooms);
    if (!page.more) return all;
  }
}
