import { Separator } from "@inquirer/core";
import type { Output } from "../../protocol/requests.ts";
import { printable } from "../terminal/printable.ts";
import type { Context } from "./action.ts";
import type { Suggestion } from "./conversation.ts";
import { cut } from "./fit.ts";

type Listing = Output<"rooms">["rooms"][number];

/** Another user, found by any part of the name. */
export async function askOtherUser({ talk, session }: Context, question: string): Promise<string> {
  // Beyond the first page a name has to be typed in full.
  const { rooms, more } = await talk.wait("Looking who is there", session.store.rooms());
  const others = rooms.filter(({ room }) => room !== session.store.session.user);
  const suggestions = others.map((listing) => suggestion(listing, talk.columns - 4));
  return talk.search(question, async (typed) => {
    const found = suggestions.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
    if (found.length > 0 && !more) return found;
    if (typed !== "" && !found.some(({ value }) => value === typed)) {
      return [...found, { value: typed, name: printable(typed), description: "exactly this name" }];
    }
    return found.length > 0 ? found : [new Separator("There is nobody else yet.")];
  });
}

function suggestion({ room, keys, online }: Listing, columns: number): Suggestion {
  const count = keys === 1 ? "1 key" : `${keys} keys`;
  return { value: room, name: cut(printable(room), columns), description: `${count}, ${online ? "online" : "away"}` };
}
