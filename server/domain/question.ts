import { KeyroomError } from "../../protocol/errors.ts";
import type { Position } from "../../protocol/fields.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { Filter } from "../engine/port.ts";
import type { Caller } from "./access.ts";

export const ALL_ROOMS = "*";

/** What a `watch` asks, and where it goes on from in each room. */
export interface Question {
  readonly room: string;
  readonly filter: Filter;
  readonly from: Map<string, Position>;
}

/** @throws KeyroomError `invalid` for fields that do not go together */
export function question(caller: Caller, { room = caller.user, key, prefix, from }: Input<"watch">): Question {
  if (key !== undefined && prefix !== undefined) {
    throw new KeyroomError("invalid", "watch takes a key or a prefix, not both.");
  }
  const filter: Filter =
    key !== undefined
      ? { kind: "key", key }
      : prefix !== undefined && prefix !== ""
        ? { kind: "prefix", prefix }
        : { kind: "all" };
  if (from === undefined) return { room, filter, from: new Map() };
  if (isPosition(from) === (room === ALL_ROOMS)) {
    throw new KeyroomError("invalid", "`from` is a position for one room, and room → position for all rooms.");
  }
  return { room, filter, from: new Map(isPosition(from) ? [[room, from]] : Object.entries(from)) };
}

function isPosition(from: Position | Readonly<Record<string, Position>>): from is Position {
  return typeof from["epoch"] === "string";
}
