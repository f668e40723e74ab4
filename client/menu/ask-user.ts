import { Separator } from "@inquirer/core";
import type { Output } from "../../protocol/outputs.ts";
import { ALL_ROOMS } from "../notices/watching.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Context } from "./action.ts";
import type { Suggestion, Suggestions } from "./conversation.ts";

type Listing = Output<"rooms">["rooms"][number];

/** Another user, found by any part of the name. */
export async function askOtherUser(context: Context, question: string): Promise<string> {
  const { user } = context.session.store.session;
  return ask(context, question, (others) => others.filter(({ value }) => value !== user));
}

/** A room that is not watched yet, found like a user; `*` is all rooms. */
export async function askRoomToWatch(context: Context): Promise<string> {
  const { watching, roomName, store } = context.session;
  const all = { value: ALL_ROOMS, name: "all rooms", description: "also those to come" };
  return ask(context, "Watch whose room", (rooms) => {
    const here = rooms.filter(({ value }) => value === roomName && value !== store.session.room);
    const elsewhere = rooms.filter((room) => !here.includes(room));
    return [...here, all, ...elsewhere].filter(({ value }) => !watching.covers(value));
  });
}

async function ask(
  { talk, session }: Context,
  question: string,
  choose: (rooms: readonly Suggestion[]) => readonly Suggestion[],
): Promise<string> {
  // Beyond the first page a name has to be typed in full.
  const { rooms, more } = await talk.wait("Looking who is there", session.store.rooms());
  const suggestions = choose(rooms.map((listing) => suggestion(listing, talk.columns - 4)));
  return talk.search(question, async (typed) => find(suggestions, typed, more));
}

function find(suggestions: readonly Suggestion[], typed: string, more: boolean): Suggestions {
  const found = suggestions.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
  if (found.length > 0 && !more) return found;
  if (typed !== "" && !found.some(({ value }) => value === typed)) {
    return [...found, { value: typed, name: printable(typed), description: "exactly this name" }];
  }
  return found.length > 0 ? found : [new Separator("There is nobody else yet.")];
}

function suggestion({ room, keys, online }: Listing, columns: number): Suggestion {
  const count = keys === 1 ? "1 key" : `${keys} keys`;
  return { value: room, name: cut(printable(room), columns), description: `${count}, ${online ? "online" : "away"}` };
}
