import { styleText } from "node:util";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { tell } from "./tone.ts";
import { valueLines } from "./value-lines.ts";

async function get(context: Context): Promise<void> {
  const { talk, session } = context;
  const key = await askKey(context, "Get");
  const entry = await talk.wait("Reading", session.room.get(key));
  if (entry === null) return tell(talk, `There is no key ${shown(key)} any more.`);
  for (const line of valueLines(entry.value, talk.columns)) talk.print(line);
  const when = new Date(entry.updatedAt).toLocaleString("sv-SE");
  talk.say(" ", `revision ${entry.revision}, ${when}, by ${printable(entry.updatedBy)}`, (line) =>
    styleText("dim", line),
  );
}

async function put(context: Context): Promise<void> {
  const { talk, session } = context;
  const key = await askKey(context, "Put", { fresh: true });
  const value = await talk.text({ message: "Value" });
  const { revision, version } = await talk.wait(
    "Saving",
    session.write((room) => room.put(key, value)),
  );
  tell(talk, `${version === 1 ? "Created" : "Changed"} ${shown(key)}, revision ${revision}.`);
}

async function remove(context: Context): Promise<void> {
  const { talk, session } = context;
  const key = await askKey(context, "Delete");
  if (!(await talk.confirm(`Delete ${shown(key)} for good?`))) return tell(talk, "Kept it.");
  const { revision, existed } = await talk.wait(
    "Deleting",
    session.write((room) => room.delete(key)),
  );
  tell(talk, existed ? `Deleted ${shown(key)}, revision ${revision}.` : `There was no key ${shown(key)} any more.`);
}

function shown(key: string): string {
  return cut(printable(key), 40);
}

export const GET: Action = { name: "get", hint: "read a key", run: get };
export const PUT: Action = { name: "put", hint: "set a key", run: put };
export const DELETE: Action = { name: "delete", hint: "remove a key", run: remove };
