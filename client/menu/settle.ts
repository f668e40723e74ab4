import type { KeyroomError, Room } from "../sdk/index.ts";
import { outcomeSentence } from "../terminal/outcome-sentence.ts";

/** What the server says became of a write whose outcome its error leaves open; null where nothing is open. */
export async function settle(room: Room, { op }: KeyroomError): Promise<string | null> {
  return op === undefined ? null : outcomeSentence(await room.outcome(op));
}
