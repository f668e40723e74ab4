import type { Action, Context } from "./action.ts";
import { askOtherUser } from "./ask-user.ts";
import { tell } from "./tone.ts";

async function enterRoom(context: Context): Promise<void> {
  const { talk, session } = context;
  const name = await askOtherUser(context, "Whose room");
  // Asks for next to nothing, so that a room that is not there is told of now and not at the first key.
  await talk.wait("Going there", session.store.room(name).list({ limit: 1 }));
  session.enter(name);
  session.asCommand(["list"], session.room);
}

const group = "rooms";

export const ENTER_ROOM: Action = {
  group,
  name: "room",
  key: "r",
  hint: "work in another user's room",
  run: enterRoom,
};
export const LEAVE_ROOM: Action = {
  group,
  name: "own room",
  key: "o",
  hint: "go back to your own",
  run: async ({ talk, session }) => {
    session.enter(null);
    tell(talk, "Back in your own room.");
  },
};
