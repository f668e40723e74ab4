/** `export`: the entries of a room, or of all, as JSON lines that `import` reads. */
import { KeyroomError } from "../../protocol/errors.ts";
import { compareUtf8 } from "../../protocol/text.ts";
import type { Entry } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { printableJson } from "../terminal/printable.ts";
import { Progress } from "../terminal/progress.ts";
import { allRooms } from "./all-rooms.ts";
import type { Context } from "./command.ts";
import { type Write, writeFileWith } from "./output-file.ts";
import { reportStates } from "./watch.ts";

/** Characters that are written at once. */
const PIECE = 64 * 1024;

export interface Exported {
  readonly rooms: number;
  readonly keys: number;
}

/**
 * Writes each room as it is at one moment.
 * @param file `-` is the standard output
 * @throws KeyroomError, LocalError
 */
export async function exportTo(file: string, context: Context): Promise<Exported> {
  const progress = new Progress(context.progressOn);
  const work = (write: Write): Promise<Exported> => exportRooms(write, context, progress);
  try {
    return file === "-" ? await work(context.write) : await writeFileWith(file, work);
  } finally {
    progress.end();
  }
}

async function exportRooms(write: Write, context: Context, progress: Progress): Promise<Exported> {
  const isAll = context.roomName === ALL_ROOMS;
  const names = isAll ? (await allRooms(context.store)).filter((it) => it.keys > 0).map((it) => it.room) : [null];
  let [rooms, keys] = [0, 0];
  for (const name of names) {
    progress.tell(
      `Exported ${counted(keys, "key")}${isAll ? ` of ${rooms} of ${counted(names.length, "room")}` : ""}.`,
    );
    const entries = await entriesOf(name, context, progress);
    if (!(await writeEntries(write, name, entries))) break;
    rooms++;
    keys += entries.length;
  }
  return { rooms, keys };
}

/** All of one moment, which the pages of `list` are not: as a watch begins. */
async function entriesOf(name: string | null, context: Context, progress: Progress): Promise<readonly Entry[]> {
  const watch = (name === null ? context.room : context.store.room(name)).watch();
  const note = (sentence: string): void => {
    progress.wipe();
    context.note(sentence);
  };
  const stopReporting = reportStates(watch, { store: context.store, note });
  try {
    for await (const event of watch) return "puts" in event ? inOrder(event.puts) : [];
    return [];
  } catch (error) {
    // Deleted since the rooms were listed.
    if (name !== null && error instanceof KeyroomError && error.code === "not_found") return [];
    throw error;
  } finally {
    stopReporting();
    watch.close();
  }
}

/** As `list` has them, so that two exports can be compared. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => compareUtf8(a.key, b.key));
}

async function writeEntries(write: Write, room: string | null, entries: readonly Entry[]): Promise<boolean> {
  let piece = "";
  for (const entry of entries) {
    piece += `${printableJson(room === null ? entry : { room, ...entry })}\n`;
    if (piece.length < PIECE) continue;
    if (!(await write(piece))) return false;
    piece = "";
  }
  return piece === "" || write(piece);
}
