import type { Action, Context } from "./action.ts";
import { askOtherUser } from "./ask-user.ts";
import { tell } from "./tone.ts";

async function enterRoom(context: Context): Promise<void> {
  const name = await askOtherUser(context, "Whose room");
  // Asks for next to nothing, so that a room that is not there is told of now and not at the first key.
  await context.talk.wait("Going there", context.session.store.room(name).list({ limit: 1 }));
  context.session.enter(name);
}

export const ENTER_ROOM: Action = { name: "room", hint: "work in another user's room", run: enterRoom };
export const LEAVE_ROOM: Action = {
  name: "back",
  hint: "to your own room",
  run: async ({ talk, session }) => {
    session.enter(null);
    tell(talk, "Back in your own room.");
  },
};
