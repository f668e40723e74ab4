import { printable } from "../terminal/printable.ts";
import type { Action, Context } from "./action.ts";
import { askOtherUser } from "./ask-user.ts";
import { tell } from "./tone.ts";

async function upgrade({ talk, session }: Context): Promise<void> {
  const passphrase = await talk.secret("Manager passphrase");
  const upgraded = session.store.upgrade(passphrase === "" ? undefined : passphrase);
  session.noteRole(await talk.wait("Asking", upgraded));
}

async function promote(context: Context): Promise<void> {
  const user = await askOtherUser(context, "Promote whom");
  const role = await context.talk.wait("Promoting", context.session.store.promote(user));
  tell(context.talk, `${printable(user)} is a ${role} now.`);
}

async function demote(context: Context): Promise<void> {
  const user = await askOtherUser(context, "Demote whom");
  const role = await context.talk.wait("Demoting", context.session.store.demote(user));
  tell(context.talk, `${printable(user)} is a ${role} now.`);
}

export const UPGRADE: Action = { name: "upgrade", hint: "become a manager", run: upgrade };
export const PROMOTE: Action = { name: "promote", hint: "make a guest a manager", run: promote };
export const DEMOTE: Action = { name: "demote", hint: "make a manager a guest", run: demote };
