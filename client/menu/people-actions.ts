import { styleText } from "node:util";
import { cut, pad, widthOf } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Action, Context } from "./action.ts";
import { askOtherUser, roomListing } from "./ask-user.ts";
import { timeOf } from "./show-entry.ts";
import type { Talk } from "./talk.ts";
import { tell } from "./tone.ts";

async function online({ talk, session }: Context): Promise<void> {
  session.asCommand(["rooms"]);
  const { rooms, more } = await talk.wait("Looking who is there", roomListing(session.store));
  const [here, away] = [rooms.filter((it) => it.online), rooms.filter((it) => !it.online)];
  tell(talk, `${here.length} online${more ? " among the first" : ""}, ${away.length} away:`);
  table(
    talk,
    [...here, ...away].map(({ room, description }) => [room, description]),
  );
  if (more) tell(talk, "There are more. All of them: c, the command for this.");
}

async function watchers({ talk, session }: Context): Promise<void> {
  const present = session.watchers;
  if (present.length === 0) return tell(talk, "Nobody watches your room.");
  table(
    talk,
    present.map(({ user, since }) => [user, `since ${timeOf(since)}`]),
  );
}

function table(talk: Talk, rows: readonly (readonly [name: string, about: string])[]): void {
  const names = rows.map(([name]) => cut(printable(name), Math.floor(talk.columns * 0.5)));
  const width = Math.max(...names.map(widthOf));
  rows.forEach(([, about], i) => {
    talk.print(`  ${pad(names[i] ?? "", width)}  ${styleText("dim", cut(about, talk.columns - width - 5))}`);
  });
}

async function upgrade({ talk, session }: Context): Promise<void> {
  const passphrase = await talk.secret("Manager passphrase (empty where none is needed)");
  const upgraded = session.store.upgrade(passphrase === "" ? undefined : passphrase);
  session.asCommand(["upgrade"]);
  session.noteRole(await talk.wait("Asking", upgraded));
}

async function promote(context: Context): Promise<void> {
  const { talk, session } = context;
  const user = await askOtherUser(context, "Promote whom", "guest");
  session.asCommand(["promote", user]);
  const role = await talk.wait("Promoting", session.store.promote(user));
  tell(talk, `${printable(user)} is a ${role} now.`);
}

async function demote(context: Context): Promise<void> {
  const { talk, session } = context;
  const user = await askOtherUser(context, "Demote whom", "manager");
  session.asCommand(["demote", user]);
  const role = await talk.wait("Demoting", session.store.demote(user));
  tell(talk, `${printable(user)} is a ${role} now.`);
}

const group = "people";

export const ONLINE: Action = { group, name: "who is there", key: "h", hint: "users, online and away", run: online };
export const WATCHERS: Action = { group, name: "watchers", key: "t", hint: "who watches your room", run: watchers };
export const UPGRADE: Action = { group, name: "upgrade", key: "u", hint: "become a manager", run: upgrade };
export const PROMOTE: Action = { group, name: "promote", key: "m", hint: "make a guest a manager", run: promote };
export const DEMOTE: Action = { group, name: "demote", key: "x", hint: "make a manager a guest", run: demote };
