/** Which rooms and keys are shown. */
export interface Filter {
  readonly room: RoomFilter | null;
  /** What keys begin with. */
  readonly prefix: string;
}

/** One room, or all whose names begin so. */
export interface RoomFilter {
  readonly name: string;
  readonly isWhole: boolean;
}

export const NO_FILTER: Filter = { room: null, prefix: "" };

/** What was typed means the room of that name where there is one, as `ann` may not be meant to show `anna`, too. */
export function roomFilter(typed: string, rooms: { has(room: string): boolean }): RoomFilter | null {
  return typed === "" ? null : { name: typed, isWhole: rooms.has(typed) };
}

/** @param key null for what is told of the room itself */
export function matches({ room, prefix }: Filter, ofRoom: string, key: string | null): boolean {
  return (room === null || matchesRoom(room, ofRoom)) && (key === null || key.startsWith(prefix));
}

function matchesRoom({ name, isWhole }: RoomFilter, room: string): boolean {
  return isWhole ? room === name : room.startsWith(name);
}

/** Whether it lets everything through. */
export function isAll({ room, prefix }: Filter): boolean {
  return room === null && prefix === "";
}
