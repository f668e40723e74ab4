import { Back } from "../terminal/question.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { deleteKey, editKey } from "./key-actions.ts";
import { setLifetime } from "./lifetime-action.ts";
import { history } from "./past-deed.ts";
import { showEntry, shown } from "./show-entry.ts";
import { tell } from "./tone.ts";

/** Key after key, until Esc. */
async function browse(context: Context): Promise<void> {
  for (;;) {
    const key = await askKey(context, "Browse");
    try {
      await lookAt(context, key);
    } catch (error) {
      if (!(error instanceof Back)) throw error;
    }
  }
}

async function lookAt(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  const entry = await talk.wait("Reading", room.keys.get(key));
  session.asCommand(["get", key], room);
  if (entry === null) return tell(talk, `There is no key ${shown(key)} any more.`);
  showEntry(talk, entry);
  const found = await talk.search(`What about ${shown(key)}`, async (typed) =>
    DEEDS.filter(({ name }) => name.includes(typed.toLowerCase())),
  );
  await DEEDS.find(({ value }) => value === found)?.run(context, key);
}

const DEEDS = [
  { value: "another", name: "another key", description: "look at the next one", run: async () => undefined },
  { value: "history", name: "history", description: "who changed it, when, to what; undo", run: history },
  { value: "edit", name: "edit", description: "change it in your editor", run: editKey },
  { value: "lifetime", name: "lifetime", description: "have it go by itself", run: setLifetime },
  { value: "delete", name: "delete", description: "remove it", run: deleteKey },
] as const;

export const BROWSE: Action = {
  group: "keys",
  name: "browse",
  key: "b",
  hint: "look through keys, values and their history",
  run: browse,
};
