import { styleText } from "node:util";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { cut, flow } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { MenuSession } from "./session.ts";
import { statusOf } from "./status.ts";

type Style = Parameters<typeof styleText>[0];
type Part = readonly [text: string, style: Style | null];

/** Who one is, where one works, whether the server is there, and what waits, in as few lines as fit. */
export function header(session: MenuSession, server: string, columns: number): readonly string[] {
  const width = columns - 1;
  return [
    ...lineOf([...who(session, columns), [server, null], ...line(session)], width),
    ...lineOf(what(session), width),
  ];
}

function who({ store, role, room: { others } }: MenuSession, columns: number): readonly Part[] {
  return [
    [cut(printable(store.session.user), columns - 1), "bold"],
    [role, null],
    ...(others === null ? [] : [[`in ${cut(printable(others), columns - 12)}'s room`, "magenta"] as const]),
  ];
}

function line({ store, recovery, roundTripMs }: MenuSession): readonly Part[] {
  const { state, retry } = store;
  const took = state === "connected" && roundTripMs !== null ? [[`${roundTripMs} ms`, null] as const] : [];
  return [statusOf({ state, retry, recovery }), ...took];
}

function what({ watching, watchers, locks, writes, feed }: MenuSession): readonly Part[] {
  const parts: Part[] = [];
  const { rooms, isLive } = watching;
  if (rooms.length > 0) {
    const which = rooms[0] === ALL_ROOMS ? "all rooms" : `${rooms.length} room${rooms.length === 1 ? "" : "s"}`;
    parts.push(isLive ? [`watching ${which}`, "cyan"] : [`watching ${which} (waiting)`, "yellow"]);
  }
  if (watchers.length > 0) parts.push([`${watchers.length} watch${watchers.length === 1 ? "es" : ""} you`, null]);
  if (locks.count > 0) parts.push([counted(locks.count, "lock"), "magenta"]);
  if (writes.open > 0) parts.push([`${writes.open} queued`, "yellow"]);
  if (feed.unread > 0) parts.push([`${feed.unread} unread`, "bold"]);
  return parts;
}

function lineOf(parts: readonly Part[], columns: number): readonly string[] {
  if (parts.length === 0) return [];
  const lines = flow(
    parts.map(([text]) => text),
    " · ",
    columns,
  );
  const paint = (all: string, [text, style]: Part) =>
    style === null ? all : all.replace(text, () => styleText(style, text));
  return parts.reduce(paint, lines.join("\n")).split("\n");
}
