import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { PositionInput, RoomPositions } from "../../protocol/input-fields.ts";
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
  readonly #position: () => SavedPosition | null;
  readonly #onError: (error: LocalError) => void;
  readonly #soon = new Soon(PERIOD_MS, () => this.#write());

  /**
   * @param position is asked when the file is written: that of all rooms is too much to be made for each event
   * @param onError is called when the position cannot be kept
   */
  constructor(path: string, position: () => SavedPosition | null, onError: (error: LocalError) => void) {
    this.#path = path;
    this.#position = position;
    this.#onError = onError;
  }

  /** The position is another one: it is written soon. */
  moved(): void {
    this.#soon.ask();
  }

  /** Writes at once what was to be written soon. */
  flush(): void {
    if (this.#soon.cancel()) this.#write();
  }

  #write(): void {
    const position = this.#position();
    if (position === null) return;
    try {
      replaceFile(this.#path, `${JSON.stringify(position)}\n`);
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
  const parsed = v.safeParse(ofAllRooms ? RoomPositions : PositionInput, parseJson(text));
  if (parsed.success) return parsed.output;
  const wanted = ofAllRooms ? "a position for each room, as a watch of all rooms saves it" : "a position of one room";
  throw new LocalError(`${path} does not hold ${wanted}. Give the file of such a watch, or leave --from out.`);
}
