import { Separator } from "@inquirer/core";
import type { Role } from "../../protocol/fields.ts";
import type { Store } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Context } from "./action.ts";
import type { Suggestion, Suggestions } from "./talk.ts";

interface ListedRoom {
  readonly room: string;
  readonly description: string;
  readonly online: boolean;
  readonly role: Role | undefined;
}

export interface RoomListing {
  readonly rooms: readonly ListedRoom[];
  /** Whether there are others, whose names have to be typed in full. */
  readonly more: boolean;
}

/** The first page of the rooms there are. */
export async function roomListing(store: Store): Promise<RoomListing> {
  const { rooms, more } = await store.rooms();
  const described = rooms.map(({ room, keys, online, role }) => {
    const about = [keys === 1 ? "1 key" : `${keys} keys`, online ? "online" : "away"];
    if (role === "manager") about.push("manager");
    return { room, online, role, description: about.join(", ") };
  });
  return { rooms: described, more };
}

/**
 * Another user, found by any part of the name.
 * @param role only those who have it, as far as that is known
 */
export async function askOtherUser({ talk, session }: Context, question: string, role?: Role): Promise<string> {
  const { rooms, more } = await talk.wait("Looking who is there", roomListing(session.store));
  const others = rooms.filter((one) => {
    const isOfRole = role === undefined || one.role === undefined || one.role === role;
    return isOfRole && one.room !== session.store.session.user;
  });
  const suggestions = others.map(({ room, description }) => {
    return { value: room, name: cut(printable(room), talk.columns - 4), description };
  });
  return talk.search(question, async (typed) => find(suggestions, typed, more));
}

function find(suggestions: readonly Suggestion[], typed: string, more: boolean): Suggestions {
  const found = suggestions.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
  if (found.length > 0 && !more) return found;
  if (typed !== "" && !found.some(({ value }) => value === typed)) {
    return [...found, { value: typed, name: printable(typed), description: "exactly this name" }];
  }
  return found.length > 0 ? found : [new Separator("There is nobody else for this.")];
}
