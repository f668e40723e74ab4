import { roomTitle } from "../notices/notice-lines.ts";
import { cut } from "../terminal/fit.ts";
import type { Action, Context } from "./action.ts";
import { askRoomToWatch } from "./ask-user.ts";
import { tell } from "./tone.ts";

/** No room's name: names have no spaces. */
const EVERYTHING = "everything watched";

async function watch(context: Context): Promise<void> {
  const { talk, session } = context;
  const { watching, store } = session;
  const room = session.role === "guest" ? store.session.room : await askRoomToWatch(context);
  watching.open(room);
  if (store.state !== "connected") tell(talk, "It begins when the server is back.");
}

async function unwatch(context: Context): Promise<void> {
  const { watching, store } = context.session;
  const [first, ...others] = watching.rooms;
  if (first === undefined) return;
  const chosen = others.length === 0 ? first : await askWatched(context);
  for (const room of chosen === EVERYTHING ? watching.rooms : [chosen]) watching.close(room);
  const what = chosen === EVERYTHING ? "any room" : roomTitle(chosen, store.session.user);
  tell(context.talk, `Not watching ${what} any more.`);
}

function askWatched({ talk, session }: Context): Promise<string> {
  const suggestions = [EVERYTHING, ...session.watching.rooms].map((room) => ({
    value: room,
    name: room === EVERYTHING ? room : cut(roomTitle(room, session.store.session.user), talk.columns - 4),
  }));
  return talk.search("Cease to watch", async (typed) =>
    suggestions.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase())),
  );
}

export const WATCH: Action = { name: "watch", hint: "be told of changes as they happen", run: watch };
export const UNWATCH: Action = { name: "unwatch", hint: "be told no more", run: unwatch };
