import { Separator } from "@inquirer/core";
import { eachLine, roomTitle } from "../notices/notice-lines.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { cut } from "../terminal/fit.ts";
import { Back } from "../terminal/question.ts";
import type { Action, Context } from "./action.ts";
import { type RoomListing, roomListing } from "./ask-user.ts";
import type { MenuSession } from "./session.ts";
import type { Suggestion, Suggestions } from "./talk.ts";
import { tell } from "./tone.ts";

/** Chosen to end. No room's name: names have no spaces. */
const DONE = "that is all";

/** A guest has one room to watch; a manager chooses several, and each choice turns one on or off. */
async function watch(context: Context): Promise<void> {
  const { talk, session } = context;
  session.asCommand(["watch"]);
  if (session.role === "guest") return turn(context, session.store.session.room);
  const listing = await talk.wait("Looking who is there", roomListing(session.store));
  const rooms = inOrder(session, listing);
  for (let last = ALL_ROOMS; ; ) {
    const room = await talk
      .search("Watch whose room", async (typed) => offer(session, rooms, listing, typed, talk.columns), {
        marked: last,
        wipe: () => true,
      })
      .catch(doneAtBack);
    if (room === DONE) return;
    turn(context, room);
    if (!rooms.includes(room)) rooms.push(room);
    last = room;
  }
}

function doneAtBack(error: unknown): string {
  if (error instanceof Back) return DONE;
  throw error;
}

function turn({ talk, session }: Context, room: string): void {
  const { watching, store } = session;
  if (room !== store.session.room || session.role === "manager") session.asCommand(["watch", "--room", room]);
  if (watching.rooms.includes(ALL_ROOMS) && room !== ALL_ROOMS) {
    tell(talk, `All rooms are watched already, and ${roomTitle(room, store.session.user)} is part of that.`);
  } else if (watching.rooms.includes(room)) {
    watching.close(room);
    tell(talk, `Not watching ${roomTitle(room, store.session.user)} any more.`);
  } else {
    watching.open(room);
    if (store.state !== "connected") tell(talk, "It begins when the server is back.");
  }
}

/** Which stays as it is while rooms are turned on and off: nobody shall hit another one than he sees. */
function inOrder({ watching, store, room }: MenuSession, { rooms }: RoomListing): string[] {
  return [...new Set([ALL_ROOMS, store.session.room, room.name, ...watching.rooms, ...rooms.map((it) => it.room)])];
}

function offer(
  session: MenuSession,
  ordered: readonly string[],
  { rooms, more }: RoomListing,
  typed: string,
  columns: number,
): Suggestions {
  const known = new Map(rooms.map(({ room, description }) => [room, description]));
  const all = ordered.map((room) => suggestion(session, room, known.get(room) ?? "", columns));
  const found = all.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
  const isNew = typed !== "" && !ordered.includes(typed) && (more || found.length === 0);
  const exactly = isNew ? [{ value: typed, name: cut(typed, columns - 8), description: "exactly this name" }] : [];
  const hidden = session.watching.rooms.includes(ALL_ROOMS)
    ? [new Separator("Single rooms are part of all rooms.")]
    : [];
  const done = { value: DONE, name: "done", description: "back to the menu" };
  return [...found, ...exactly, ...(typed === "" ? [done, ...hidden] : [])];
}

function suggestion({ watching, store }: MenuSession, room: string, about: string, columns: number): Suggestion {
  const mark = watching.rooms.includes(room) ? "[x]" : "[ ]";
  const description = room === ALL_ROOMS ? "also those to come" : about;
  return {
    value: room,
    name: `${mark} ${cut(roomTitle(room, store.session.user), columns - 8)}`,
    ...(description !== "" && { description }),
  };
}

async function news({ talk, session: { feed, store } }: Context): Promise<void> {
  const { notices } = feed;
  feed.read();
  if (notices.length === 0) return tell(talk, "Nothing has happened yet in the rooms you watch.");
  for (const line of eachLine(notices, store.session.user, talk.columns)) talk.print(line);
}

const group = "rooms";

export const WATCH: Action = { group, name: "watch", key: "w", hint: "be told of changes, or no more", run: watch };
export const NEWS: Action = { group, name: "news", key: "n", hint: "read the last changes", run: news };
