import { styleText } from "node:util";
import { ALL_ROOMS, type Watching } from "../notices/watching.ts";
import type { ConnectionState } from "../sdk/index.ts";
import { cut, flow } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { MenuSession } from "./session.ts";

type Style = Parameters<typeof styleText>[0];
type Part = readonly [text: string, style: Style | null];

const STATES: Readonly<Record<ConnectionState, Part>> = {
  connected: ["● connected", "green"],
  stale: ["◌ no word from the server", "yellow"],
  reconnecting: ["○ reconnecting…", "yellow"],
  closed: ["○ closed", "red"],
};

/** Who one is, where one works, and whether the server is there, in as few lines as fit. */
export function header({ store, role, others, watching }: MenuSession, server: string, columns: number): string {
  const parts: readonly Part[] = [
    [cut(printable(store.session.user), columns - 1), "bold"],
    [role, null],
    ...(others === null ? [] : [[`in ${cut(printable(others), columns - 12)}'s room`, "magenta"] as const]),
    ...watched(watching),
    [server, null],
    STATES[store.state],
  ];
  const texts = parts.map(([text]) => text);
  return parts.reduce(
    (lines, [text, style]) => (style === null ? lines : lines.replace(text, () => styleText(style, text))),
    flow(texts, " · ", columns - 1).join("\n"),
  );
}

function watched({ rooms, isLive }: Watching): readonly Part[] {
  if (rooms.length === 0) return [];
  const which = rooms[0] === ALL_ROOMS ? "all rooms" : `${rooms.length} room${rooms.length === 1 ? "" : "s"}`;
  return [isLive ? [`watching ${which}`, "cyan"] : [`watching ${which} (waiting)`, "yellow"]];
}
