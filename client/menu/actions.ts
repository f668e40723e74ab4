import type { Action } from "./action.ts";
import { BROWSE } from "./browse-action.ts";
import { DELETE, EDIT, GET, LOAD, PUT } from "./key-actions.ts";
import { ELSEWHERE, LOG_OUT, QUIT } from "./leave-actions.ts";
import { LIFETIME } from "./lifetime-action.ts";
import { LOCKS } from "./locks-action.ts";
import { DEMOTE, ONLINE, PROMOTE, UPGRADE, WATCHERS } from "./people-actions.ts";
import { ENTER_ROOM, LEAVE_ROOM } from "./room-actions.ts";
import type { MenuSession } from "./session.ts";
import { NEWS, WATCH } from "./watch-actions.ts";

/** What the user may do now; what the role does not allow is not offered. */
export function actionsFor(
  { role, room }: Pick<MenuSession, "role"> & { readonly room: Pick<MenuSession["room"], "others"> },
  { live, command }: { readonly live: Action; readonly command: Action },
): readonly Action[] {
  const isManager = role === "manager";
  return [
    ...[GET, PUT, BROWSE, EDIT, LOAD, DELETE],
    ...[WATCH, live, NEWS],
    ...(isManager ? [ENTER_ROOM] : []),
    ...(room.others === null ? [] : [LEAVE_ROOM]),
    ...(isManager ? [ONLINE, WATCHERS, PROMOTE, DEMOTE] : [WATCHERS, UPGRADE]),
    ...[LOCKS, LIFETIME],
    ...[command, ELSEWHERE, LOG_OUT, QUIT],
  ];
}
