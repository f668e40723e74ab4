import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { Position } from "../../protocol/fields.ts";
import { RoomPositions } from "../../protocol/input-fields.ts";
import type { SavedPosition } from "../sdk/index.ts";
import { LocalError } from "../terminal/local-error.ts";
import { parseJson } from "../terminal/parse-json.ts";
import { replaceFile } from "../terminal/replace-file.ts";
import { Soon } from "../terminal/soon.ts";
import { systemCode, systemReason } from "../terminal/system-reason.ts";

/** However many events come, the file is written at most this often. */
const PERIOD_MS = 200;

/** Keeps a watch's position in a file, so that a later watch can begin there. */
export class PositionFile {
  readonly #path: string;
  readonly #onError: (error: LocalError) => void;
  #wanted: SavedPosition | null = null;
  readonly #soon = new Soon(PERIOD_MS, () => this.#write());

  /** @param onError is called when the position cannot be kept */
  constructor(path: string, onError: (error: LocalError) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  /** Soon; of several in a row the last counts. The position may go on changing until it is written. */
  save(position: SavedPosition): void {
    this.#wanted = position;
    this.#soon.ask();
  }

  /** Writes at once what was to be saved soon. */
  flush(): void {
    if (this.#soon.cancel()) this.#write();
  }

  #write(): void {
    if (this.#wanted === null) return;
    const text = `${JSON.stringify(this.#wanted)}\n`;
    this.#wanted = null;
    try {
      replaceFile(this.#path, text);
    } catch (error) {
      this.#onError(new LocalError(`Cannot save the position in ${this.#path}: ${systemReason(error)}.`));
    }
  }
}

/**
 * A position as `PositionFile` keeps it, or as it was printed with an event.
 * @returns undefined where there is no such file
 * @throws LocalError when it cannot be read, or is no position of such a watch
 */
export async function readPosition(path: string, ofAllRooms: boolean): Promise<SavedPosition | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new LocalError(`Cannot read --from ${path}: ${systemReason(error)}.`);
  }
  const parsed = v.safeParse(ofAllRooms ? RoomPositions : Position, parseJson(text));
  if (parsed.success) return parsed.output;
  const wanted = ofAllRooms ? "a position for each room, as a watch of all rooms saves it" : "a position of one room";
  throw new LocalError(`${path} does not hold ${wanted}. Give the file of such a watch, or leave --from out.`);
}
