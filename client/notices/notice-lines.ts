import { styleText } from "node:util";
import { counted } from "../terminal/counted.ts";
import { cut, flow } from "../terminal/fit.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import type { Notice } from "./notice.ts";

/** More lines than this at once would push away what one is reading. */
const MOST_LINES = 5;
/** Rooms that a line names. */
const MOST_ROOMS = 3;
/** Kinds whose end matters as much as their beginning. */
const WHOLE: readonly Notice["kind"][] = ["end", "waiting", "gap", "lost"];
/** Keys that a line names. */
const MOST_KEYS = 3;
const MOST_NAME = 40;

/** How a room is called in a sentence. */
export function roomTitle(room: string, me: string): string {
  if (room === "*") return "all rooms";
  return room === me ? "your room" : `${printable(room)}'s room`;
}

/**
 * The notices as lines no wider than `columns`: one each, or, where they are many, one for all of a kind. Only a reason
 * is told to its end, on further lines: what to do stands there.
 */
export function noticeLines(notices: readonly Notice[], me: string, columns: number): string[] {
  return notices.length > MOST_LINES ? laidOut(summary(notices, me, columns), columns) : eachLine(notices, me, columns);
}

/** The same without a line for many. */
export function eachLine(notices: readonly Notice[], me: string, columns: number): string[] {
  return laidOut(
    notices.map((notice) => single(notice, me, columns)),
    columns,
  );
}

function laidOut(lines: readonly Line[], columns: number): string[] {
  return lines.flatMap(({ at, text, isWhole }) => {
    const time = new Date(at).toLocaleTimeString("sv-SE");
    const width = columns - time.length - 2;
    const [first = "", ...more] = isWhole ? flow(text.split(" "), " ", width) : [cut(text, width)];
    return [`${styleText("dim", time)} ${first}`, ...more.map((line) => `${" ".repeat(time.length)} ${line}`)];
  });
}

interface Line {
  readonly at: number;
  readonly text: string;
  /** Whether its end matters as much as its beginning. */
  readonly isWhole?: boolean;
}

function single(notice: Notice, me: string, columns: number): Line {
  const isWhole = WHOLE.includes(notice.kind);
  return { at: notice.at, text: words(notice, me, columns), isWhole };
}

function words(notice: Notice, me: string, columns: number): string {
  const room = roomTitle(notice.room, me);
  switch (notice.kind) {
    case "put":
      return `${printable(notice.by)} put ${keyOf(notice, me)} = ${quoted(notice.value, columns)}`;
    case "delete":
      return `${printable(notice.by)} deleted ${keyOf(notice, me)}`;
    case "gone":
      return `${printable(notice.key)} is gone from ${room}`;
    case "begin":
      return `Watching ${room}: ${counted(notice.keys, "key")}.`;
    case "gap":
      return `Gap in ${room}: not every change is known. ${notice.differs ? "What differs:" : "Nothing differs."}`;
    case "waiting":
      return `Watching ${room} has to wait. ${printable(notice.reason)}`;
    case "end":
      return `Not watching ${room} any more. ${printable(notice.reason)}`;
    case "lost":
      return `Your ${locksOn(notice.keys)} in ${room} is lost: ${printable(notice.why)}`;
  }
}

function locksOn(keys: readonly string[]): string {
  return keys.length > MOST_KEYS
    ? `lock on ${keys.length} keys`
    : `lock on ${keys.map((key) => cut(printable(key), MOST_NAME)).join(", ")}`;
}

/** The key, and whose it is unless its owner did it. */
function keyOf({ room, by, key }: Extract<Notice, { by: string }>, me: string): string {
  const whose = room === by ? "" : room === me ? "your " : `${printable(room)}'s `;
  return whose + printable(key);
}

function quoted(value: string, columns: number): string {
  // What cannot be shown anyway need not be laid out.
  if (value.length <= columns) return printableJson(value);
  return `${printableJson(value.slice(0, columns)).slice(0, -1)}…`;
}

/** A line for each kind that came more than once; what matters most comes last, next to the prompt. */
function summary(notices: readonly Notice[], me: string, columns: number): Line[] {
  const at = Math.max(...notices.map((notice) => notice.at));
  const condensed = (kinds: readonly Notice["kind"][], condense: (group: readonly Notice[]) => string): Line[] => {
    const group = notices.filter(({ kind }) => kinds.includes(kind));
    if (group.length > 1) return [{ at, text: condense(group) }];
    return group.map((notice) => single(notice, me, columns));
  };
  return [
    ...condensed(["begin"], (begun) => `Watching ${roomsOf(begun, me)}.`),
    ...condensed(["put", "delete", "gone"], (changes) => changesIn(changes, me)),
    ...condensed(["gap"], (gaps) => `Gap, not every change is known: ${roomsOf(gaps, me)}.`),
    ...condensed(["waiting"], (waiting) => `Watching has to wait: ${roomsOf(waiting, me)}.`),
    ...condensed(["lost"], (losses) => `Locks are lost: ${roomsOf(losses, me)}.`),
    ...condensed(["end"], (ends) => `Not watching any more: ${roomsOf(ends, me)}.`),
  ];
}

/** `bob's room, your room`, or their number. */
function roomsOf(notices: readonly Notice[], me: string): string {
  const rooms = [...new Set(notices.map(({ room }) => roomTitle(room, me)))];
  return rooms.length > MOST_ROOMS ? `${rooms.length} rooms` : rooms.join(", ");
}

/** `95 changes: 60 in bob's room, 35 in your room.`, the most first; `95 changes in bob's room.` where it is but one. */
function changesIn(notices: readonly Notice[], me: string): string {
  const counts = new Map<string, number>();
  for (const { room } of notices) counts.set(room, (counts.get(room) ?? 0) + 1);
  const rooms = [...counts].sort(([, a], [, b]) => b - a);
  const [only] = rooms;
  if (only !== undefined && rooms.length === 1) return `${notices.length} changes in ${roomTitle(only[0], me)}.`;
  const named = rooms.slice(0, MOST_ROOMS).map(([room, n]) => `${n} in ${roomTitle(room, me)}`);
  const others = rooms.length > MOST_ROOMS ? [`${rooms.length - MOST_ROOMS} other rooms`] : [];
  return `${notices.length} changes: ${[...named, ...others].join(", ")}.`;
}
