import { DOORS, inSentence } from "../doors.ts";
import type { NoticeKind } from "../results.ts";
import { time } from "./format.ts";

/** As the name of a row. */
export function noticeName({ door, everyMs }: NoticeKind): string {
  return everyMs === null ? `${DOORS[door].name}, told` : `${DOORS[door].name}, every ${time(everyMs)}`;
}

/** In a sentence. */
export function noticePhrase({ door, everyMs }: NoticeKind): string {
  return everyMs === null
    ? `being told over ${inSentence(door)}`
    : `asking every ${time(everyMs)} over ${inSentence(door)}`;
}
