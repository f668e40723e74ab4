import { flow } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { painted } from "./layout.ts";

/** More would leave no space for the rest. */
const MOST_LINES = 4;
const MOST_NAMES = 3;

/**
 * What is not watched any more, and why, each reason whole and once.
 * @param losses reasons by room; `*` is all rooms
 */
export function lossLines(losses: ReadonlyMap<string, string>, columns: number): string[] {
  const lines = [...new Set(losses.values())].flatMap((reason) => {
    const rooms = [...losses.keys()].filter((room) => losses.get(room) === reason);
    return flow(`Not watching ${named(rooms)} any more. ${printable(reason)}`.split(" "), " ", columns);
  });
  return lines.slice(0, MOST_LINES).map((line) => painted([line, "yellow"]));
}

function named(rooms: readonly string[]): string {
  if (rooms.includes("*")) return "all rooms";
  return rooms.length > MOST_NAMES ? `${rooms.length} rooms` : rooms.map(printable).join(", ");
}
