import type { ConnectionState, Retry } from "../sdk/index.ts";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/printable.ts";
import type { Filter } from "./filter.ts";
import type { Part } from "./layout.ts";
import type { LiveModel } from "./model.ts";
import { type Rate, sum } from "./rates.ts";
import type { Status } from "./status.ts";
import type { Ui } from "./ui.ts";
import { many, rateText } from "./words.ts";

/** More than these are counted. */
const MOST_NAMES = 3;

const CONNECTIONS: Readonly<Record<ConnectionState, Part>> = {
  connected: ["● connected", "green"],
  stale: ["◌ no word from the server", "yellow"],
  reconnecting: ["○ reconnecting…", "yellow"],
  closed: ["○ closed", "red"],
};

/**
 * What is seen, from where, and whether it is up to date.
 * @param rates null where they are not known
 */
export function headerParts(status: Status, model: LiveModel, ui: Ui, rates: readonly Rate[] | null): readonly Part[] {
  return [
    ["Live", "bold"],
    [printable(status.server), null],
    [watched(status.watched, model.rooms.size), "cyan"],
    connection(status, ui.isPaused),
    ...(ui.isPaused ? [[status.hasWaiting ? "▌▌ paused, changes wait" : "▌▌ paused", "inverse"] as const] : []),
    ...(rates === null ? [] : [[`${rateText(sum(rates.map(({ perSecond }) => perSecond)))} changes/s`, null] as const]),
    ...(model.gaps > 0 ? [[`${counted(model.gaps, "gap")}`, "yellow"] as const] : []),
    ...filtered(ui.filter),
  ];
}

function watched(rooms: readonly string[], known: number): string {
  if (rooms.length === 0) return "nothing is watched any more";
  if (rooms[0] === "*") return `all rooms (${many(known)})`;
  return rooms.length > MOST_NAMES ? `${rooms.length} rooms` : rooms.map(printable).join(", ");
}

/** A watch is behind its connection: connected again, it still has to be told what happened. In a pause it need not. */
function connection({ connection, retry, watching }: Status, isPaused: boolean): Part {
  if (connection === "reconnecting" && retry !== null) return [`○ reconnecting ${attemptOf(retry)}`, "yellow"];
  if (connection !== "connected" || watching === "live" || isPaused) return CONNECTIONS[connection];
  return watching === "gap" ? ["◌ connected, a gap is told", "yellow"] : ["◌ connected, catching up", "yellow"];
}

function attemptOf({ attempt, inMs }: Retry): string {
  const seconds = Math.ceil(inMs / 1_000);
  return `${seconds === 0 ? "now" : `in ${seconds} s`} (attempt ${attempt})`;
}

function filtered({ room, prefix }: Filter): readonly Part[] {
  return [
    ...(room === null ? [] : [part(room.isWhole ? `room ${room.name}` : `rooms ${room.name}…`)]),
    ...(prefix === "" ? [] : [part(`keys ${prefix}…`)]),
  ];
}

function part(text: string): Part {
  return [`only ${printable(text)}`, "magenta"];
}
