import { KeyroomError, type Room } from "../sdk/index.ts";
import type { Conversation } from "./conversation.ts";
import { complain, tell } from "./tone.ts";

/** Where an error leaves open whether a write happened, asks the server and says what it says. */
export async function settle(talk: Conversation, room: Room, { op }: KeyroomError): Promise<void> {
  if (op === undefined) return;
  try {
    const outcome = await talk.wait("Asking what became of it", room.outcome(op));
    switch (outcome.state) {
      case "committed":
        return tell(talk, "The server says: it was done.");
      case "refused":
        return tell(talk, `The server says: it was refused (${outcome.code}).`);
      case "never":
        return tell(talk, "The server says: it was not done, and never will be.");
      case "unknown":
        return tell(talk, "The server cannot tell any more. Look at the key before you try again.");
    }
  } catch (error) {
    if (!(error instanceof KeyroomError)) throw error;
    complain(talk, error);
  }
}
