import { styleText } from "node:util";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { Back } from "../terminal/question.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { deleteKey, editKey } from "./key-actions.ts";
import { showEntry, shown, timeOf } from "./show-entry.ts";
import { tell } from "./tone.ts";

/** Changes of a key shown at once. */
const HISTORY = 20;

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

/** Who, when, what: as far back as the server's log goes. */
async function history(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  session.asCommand(["history", key], room);
  const { changes, more, reaches } = await talk.wait("Reading", room.keys.history(key, { limit: HISTORY }));
  for (const { revision, at, by, value } of changes) {
    const head = `${revision}  ${timeOf(at)}  ${printable(by)}`;
    const what = value === null ? "deleted it" : value === "" ? "(empty)" : printable(value.slice(0, talk.columns));
    talk.print(`  ${styleText("dim", head)}  ${cut(what, Math.max(10, talk.columns - head.length - 6))}`);
  }
  if (more) tell(talk, `These are the last ${changes.length}. All of them: c, the command for this.`);
  else tell(talk, `The server's log goes back to revision ${reaches}.`);
}

const DEEDS = [
  { value: "another", name: "another key", description: "look at the next one", run: async () => undefined },
  { value: "history", name: "history", description: "who changed it, when, to what", run: history },
  { value: "edit", name: "edit", description: "change it in your editor", run: editKey },
  { value: "delete", name: "delete", description: "remove it", run: deleteKey },
] as const;

export const BROWSE: Action = {
  group: "keys",
  name: "browse",
  key: "b",
  hint: "look through keys, values and their history",
  run: browse,
};
