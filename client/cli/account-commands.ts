/** Commands that are about users, and not about keys. */
import { UserName } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { allRooms } from "./all-rooms.ts";
import type { CommandSpec } from "./command.ts";
import { need, ofAccount, SILENT, taken } from "./command-parts.ts";

export const rooms = ofAccount({ rooms: "print the rooms' names, one on a line (managers)" }, () =>
  taken({}, async ({ store }) => {
    const all = await allRooms(store);
    return { lines: all.map((it) => it.room), json: { rooms: all } };
  }),
);

export const upgrade = ofAccount({ upgrade: "become a manager, by the passphrase" }, () =>
  taken({}, async ({ store, passphrase }) => ({
    ...SILENT,
    json: { role: await store.upgrade(await passphrase()) },
  })),
);

export const promote = ofAccount({ "promote USER": "make a user a manager (managers)" }, (words) => {
  const user = parse(UserName, "promote", need(words, "promote USER"));
  return taken({ user }, async ({ store }) => ({ ...SILENT, json: { role: await store.promote(user) } }));
});

export const demote = ofAccount({ "demote USER": "make a manager a guest (managers)" }, (words) => {
  const user = parse(UserName, "demote", need(words, "demote USER"));
  return taken({ user }, async ({ store }) => ({ ...SILENT, json: { role: await store.demote(user) } }));
});

export const whoami = ofAccount({ whoami: "print the user's name and role" }, () =>
  taken({}, async ({ store: { session } }) => ({
    lines: [`${session.user} ${session.role}`],
    json: { user: session.user, role: session.role, room: session.room },
  })),
);

export const logout: CommandSpec = {
  ...ofAccount({ logout: "end the session and forget its token" }, () =>
    taken({}, async ({ store, forgetToken }) => {
      await store.logout();
      await forgetToken();
      return { ...SILENT, json: {} };
    }),
  ),
  last: "logout ends the session",
};
