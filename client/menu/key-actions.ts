import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { readValue } from "../terminal/read-value.ts";
import type { Action, Context } from "./action.ts";
import { askKey } from "./ask-key.ts";
import { deliver } from "./deliver.ts";
import { showEntry, shown } from "./show-entry.ts";
import type { Talk } from "./talk.ts";
import { complain, tell } from "./tone.ts";
import { valueLines } from "./value-lines.ts";

const SEVERAL = "The choice edit sets a key to several lines, in your editor.";

async function get(context: Context): Promise<void> {
  const { talk, session, room } = context;
  const key = await askKey(context, "Get");
  const entry = await talk.wait("Reading", room.keys.get(key));
  session.asCommand(["get", key], room);
  if (entry === null) return tell(talk, `There is no key ${shown(key)} any more.`);
  showEntry(talk, entry);
}

async function put(context: Context): Promise<void> {
  const key = await askKey(context, "Put", { fresh: true });
  const value = await context.talk.text({ message: "Value", mostBytes: FIXED_LIMITS.valueBytes, several: SEVERAL });
  await putValue(context, key, value);
}

async function edit(context: Context): Promise<void> {
  await editKey(context, await askKey(context, "Edit", { fresh: true }));
}

/** Several lines, in the user's own editor. What others have written meanwhile is not overwritten. */
export async function editKey(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  for (let written: string | null = null; ; ) {
    const before = await talk.wait("Reading", room.keys.get(key));
    const old = before?.value ?? "";
    const edited = await talk.edit(`Editing ${shown(key)}`, written ?? old);
    // Editors end a text with a line break that nobody typed.
    const value: string = old.endsWith("\n") ? edited : edited.replace(/\r?\n$/, "");
    if (before !== null && value === old) return tell(talk, "Nothing was changed.");
    try {
      if (!(await putValue(context, key, value, before?.revision ?? 0))) showWritten(talk, value);
      return;
    } catch (error) {
      const isConflict = error instanceof KeyroomError && error.code === "conflict";
      if (isConflict) complain(talk, error);
      // Whoever has written for half an hour shall not lose it to somebody who was quicker, nor to the session's end.
      if (isConflict || session.ended.aborted) showWritten(talk, value);
      if (!isConflict) throw error;
      if (!(await talk.confirm("Edit that again, to put it in place of what is there now?"))) return;
      written = value;
    }
  }
}

function showWritten(talk: Talk, written: string): void {
  tell(talk, "You have written:");
  for (const line of valueLines(written, talk.columns)) talk.print(line);
}

async function load(context: Context): Promise<void> {
  const { session, room } = context;
  const key = await askKey(context, "Put a file's text into", { fresh: true });
  const { file, value } = await askFile(context.talk);
  session.asCommand(["put", key, "--from", file], room);
  await save(context, key, value);
}

/** Asks until there is one that can be read. */
async function askFile(talk: Talk): Promise<{ readonly file: string; readonly value: string }> {
  for (let before: string | undefined; ; ) {
    const known = before === undefined ? {} : { default: before };
    const file = await talk.text({ message: "File", validate: checkFile, ...known });
    try {
      return { file, value: await readValue(file, process.stdin) };
    } catch (error) {
      complain(talk, error);
      before = file;
    }
  }
}

function checkFile(name: string): true | string {
  return (name !== "" && name !== "-") || "Give the path of a file.";
}

async function remove(context: Context): Promise<void> {
  await deleteKey(context, await askKey(context, "Delete"));
}

/** Asks before it does. */
export async function deleteKey(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  if (!(await talk.confirm(`Delete ${shown(key)} for good?`))) return tell(talk, "Kept it.");
  session.asCommand(["delete", key], room);
  await deliver(context, {
    what: `delete ${shown(key)}`,
    key,
    write: (keys, claim) => keys.delete(key, claim),
    sentence: ({ revision, existed }) =>
      existed ? `Deleted ${shown(key)}, revision ${revision}.` : `There was no key ${shown(key)} any more.`,
  });
}

/** Whether it is done or queued. */
async function putValue(context: Context, key: string, value: string, ifRevision?: number): Promise<boolean> {
  context.session.asCommand(["put", key, value], context.room);
  return save(context, key, value, ifRevision);
}

function save(context: Context, key: string, value: string, ifRevision?: number): Promise<boolean> {
  const options = ifRevision === undefined ? {} : { ifRevision };
  return deliver(context, {
    what: `put ${shown(key)}`,
    key,
    write: (keys, claim) => keys.put(key, value, { ...options, ...claim }),
    sentence: ({ revision, version }) =>
      `${version === 1 ? "Created" : "Changed"} ${shown(key)}, revision ${revision}.`,
  });
}

const group = "keys";

export const GET: Action = { group, name: "get", key: "g", hint: "read a key", run: get };
export const PUT: Action = { group, name: "put", key: "p", hint: "set a key to one line", run: put };
export const EDIT: Action = { group, name: "edit", key: "e", hint: "set a key in your editor", run: edit };
export const LOAD: Action = { group, name: "load", key: "l", hint: "set a key to a file's text", run: load };
export const DELETE: Action = { group, name: "delete", key: "d", hint: "remove a key", run: remove };
