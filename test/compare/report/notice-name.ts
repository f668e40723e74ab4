import { DOORS } from "../doors.ts";
import type { NoticeKind } from "../results.ts";
import { time } from "./format.ts";

export function noticeName({ door, everyMs }: NoticeKind): string {
  return everyMs === null ? `${DOORS[door].name}, told` : `${DOORS[door].name}, every ${time(everyMs)}`;
}
