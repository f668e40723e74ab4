/** The file that holds who watches what, and how far they were told. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { PositionInput, RoomName, RoomPositions } from "../../protocol/input-fields.ts";
import type { SavedPosition } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { LocalError } from "./local-error.ts";
import { parseJson } from "./parse-json.ts";
import { systemCode, systemReason } from "./system-reason.ts";

/** Positions in all, some 100 bytes each. The watches that moved last stay. */
export const MOST_POSITIONS = 4_096;

const COMMON = { server: v.string(), user: v.string(), at: v.number() };
const Kept = v.union([
  v.object({ ...COMMON, room: v.literal(ALL_ROOMS), from: v.nullable(RoomPositions) }),
  v.object({ ...COMMON, room: v.pipe(RoomName, v.notValue(ALL_ROOMS)), from: v.nullable(PositionInput) }),
]);
const WatchFile = v.object({ watches: v.array(Kept) });

/** That a user of a server watches a room, as it was written. */
export interface Kept {
  /** The server's URL. */
  readonly server: string;
  readonly user: string;
  /** `*` is all rooms. */
  readonly room: string;
  /** Null where nothing was told yet. */
  readonly from: SavedPosition | null;
  /** When, in ms since 1970. */
  readonly at: number;
}

/**
 * What the file holds, what moved last first; nothing where there is no file.
 * @throws LocalError when it cannot be read or is damaged
 */
export function readWatches(file: string): readonly Kept[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw new LocalError(`Cannot read in ${file} which rooms you watched: ${systemReason(error)}.`);
  }
  const parsed = v.safeParse(WatchFile, parseJson(text));
  if (parsed.success) return parsed.output.watches;
  throw new LocalError(`The list of rooms you watched, ${file}, is damaged. It will be replaced.`);
}

/** The file's text, within its bounds. */
export function watchesText(watches: readonly Kept[]): string {
  let left = MOST_POSITIONS;
  const kept: Kept[] = [];
  for (const watch of [...watches].sort((a, b) => b.at - a.at)) {
    if (left <= 0) break;
    if (watch.room !== ALL_ROOMS || watch.from === null) {
      kept.push(watch);
      left -= 1;
    } else {
      // A room that is left out begins with what is there.
      const positions = Object.entries(watch.from).slice(0, left);
      kept.push({ ...watch, from: Object.fromEntries(positions) });
      left -= Math.max(1, positions.length);
    }
  }
  return `${JSON.stringify({ watches: kept })}\n`;
}
