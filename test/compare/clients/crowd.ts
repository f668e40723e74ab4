import type { DoorId } from "../doors.ts";
import type { Client, Places, Visitor } from "./client.ts";
import { openClient } from "./open.ts";

/** As many are being opened at a time: fewer than the system lets wait at a port. */
const AT_A_TIME = 50;

let named = 0;

/**
 * A name that nobody else has had. The keys of the JSON door stay, and its room takes so many: there those of earlier
 * clients are used again.
 */
export function freshName(door: DoorId, index: number): string {
  return door === "ws-json" ? `client${index}` : `user${++named}`;
}

/** Clients of one door, opened some at a time. All are closed again if one cannot be opened. */
export async function openCrowd(
  door: DoorId,
  places: Places,
  count: number,
  visitor: (index: number) => Omit<Visitor, "name"> = () => ({}),
): Promise<readonly (Client & { readonly name: string })[]> {
  const opened: (Client & { readonly name: string })[] = [];
  let next = 0;
  const open = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const name = freshName(door, index);
      opened[index] = Object.assign(await openClient(door, places, { name, ...visitor(index) }), { name });
    }
  };
  const opening = await Promise.allSettled(Array.from({ length: Math.min(AT_A_TIME, count) }, open));
  const failed = opening.find((one) => one.status === "rejected");
  if (failed === undefined) return opened;
  for (const client of opened) client?.close();
  throw failed.reason;
}
