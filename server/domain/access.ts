import { KeyroomError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/fields.ts";
import { RESERVED_NAMES } from "../../protocol/input-fields.ts";

/** Who asks: a user, with the role of this moment. */
export interface Caller {
  readonly user: string;
  readonly role: Role;
  /** The client id of the session that asks, or what stands for one at a door without sessions. */
  readonly client: string;
}

/** What can be done to a room. */
export type RoomAction = "read" | "write";
type Whose = "own" | "others" | "reserved";

/** The whole of who may do what to whose room. */
const ROOM_ACCESS: Readonly<Record<Role, Readonly<Record<RoomAction, readonly Whose[]>>>> = {
  guest: { read: ["own"], write: ["own"] },
  manager: { read: ["own", "others", "reserved"], write: ["own", "others"] },
};

/** Whether the role may survey the rooms and change the roles of others. */
const MAY_GOVERN: Readonly<Record<Role, boolean>> = { guest: false, manager: true };

export function mayUse(caller: Caller, action: RoomAction, room: string): boolean {
  return ROOM_ACCESS[caller.role][action].includes(whoseRoom(caller, room));
}

/** @throws KeyroomError `forbidden` */
export function authorizeRoom(caller: Caller, action: RoomAction, room: string): void {
  if (!mayUse(caller, action, room)) throw forbidden(caller, action, room);
}

export function forbidden({ role }: Caller, action: RoomAction, room: string): KeyroomError {
  const sentence =
    role === "guest"
      ? `You are a guest: you may not ${action} the room of ${room}. Upgrade to manager first.`
      : `Nobody may ${action} the room ${room} through this door.`;
  return new KeyroomError("forbidden", sentence);
}

/** @throws KeyroomError `forbidden` */
export function authorizeGoverning(caller: Caller): void {
  if (MAY_GOVERN[caller.role]) return;
  throw new KeyroomError("forbidden", "Only managers may do this. Upgrade to manager first.");
}

function whoseRoom(caller: Caller, room: string): Whose {
  if (room === caller.user) return "own";
  return RESERVED_NAMES.includes(room) ? "reserved" : "others";
}
