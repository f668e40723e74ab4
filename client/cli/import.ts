/** `import`: puts what `export` wrote. */
import { createReadStream } from "node:fs";
import * as v from "valibot";
import { KeyroomError } from "../../protocol/errors.ts";
import { Key, RoomName, Value } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import type { ClaimOptions, Room } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { counted } from "../terminal/counted.ts";
import { LocalError } from "../terminal/local-error.ts";
import { Progress } from "../terminal/progress.ts";
import { type Line, readLines } from "../terminal/read-lines.ts";
import { systemReason } from "../terminal/system-reason.ts";
import type { Context } from "./command.ts";
import { claimOf } from "./outer-lock.ts";

/** What is put at once: so many, or so many characters. The next are read while these are under way. */
const GROUP_PUTS = 1_000;
const GROUP_SIZE = 1024 * 1024;

/** Revision, times and authors of the line are of another life, and left out. */
const Imported = v.object({ room: v.optional(RoomName), key: Key, value: Value });

interface Put {
  readonly line: number;
  readonly room: Room;
  readonly key: string;
  readonly value: string;
  readonly claim: ClaimOptions;
}

/**
 * Puts each line's entry, in order, up to the first line that cannot be. Where the server refuses it, what is behind it
 * in the same group may be done, and is counted; with `--wait`, a group is one line.
 * @param file `-` is the standard input
 * @returns how many were put
 * @throws KeyroomError, LocalError; the sentence names the line
 */
export async function importFrom(file: string, context: Context): Promise<number> {
  const importing = new Importing(context);
  const progress = new Progress(context.progressOn);
  try {
    for await (const line of readLines(inputOf(file, context))) {
      await importing.take(line);
      progress.tell(`Imported ${counted(importing.done, "key")}.`);
    }
    return await importing.end();
  } catch (error) {
    // What stands before the line at fault is not lost because of it, and its own fault comes first.
    const first = await importing.end().then(
      () => error,
      (earlier: unknown) => earlier,
    );
    throw importing.done === 0 ? first : reworded(first, (sentence) => `${sentence} ${importing.tally()}`);
  } finally {
    progress.end();
  }
}

class Importing {
  readonly #context: Context;
  #group: Put[] = [];
  #size = 0;
  #underWay: Promise<void> = Promise.resolve();
  /** How many puts leave together: who waits lets nothing overtake it. */
  readonly #most: number;
  /** How many of those that are done stand behind a line that was refused. */
  #behind = 0;
  done = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#most = context.waitMs === undefined ? GROUP_PUTS : 1;
  }

  async take({ number, text }: Line): Promise<void> {
    if (text.trim() === "") return;
    const { fence, waitMs, outerLock } = this.#context;
    const { roomName, room, key, value } = this.#read(number, text);
    // Of the environment or the command line: no line is at fault where it cannot be.
    const claim = claimOf({ fence, waitMs, outerLock, roomName }, [key]);
    const put = { line: number, room, key, value, claim };
    this.#group.push(put);
    this.#size += put.key.length + put.value.length;
    if (this.#group.length >= this.#most || this.#size >= GROUP_SIZE) await this.#send();
  }

  /** What to say of what is done beside the line at fault. */
  tally(): string {
    const before = `${counted(this.done - this.#behind, "key")} imported before that`;
    return this.#behind === 0 ? `${before}.` : `${before}, and ${this.#behind} from lines behind it.`;
  }

  /** @returns how many were put */
  async end(): Promise<number> {
    await this.#send();
    await this.#underWay;
    return this.done;
  }

  /** When the group before is done. */
  async #send(): Promise<void> {
    const group = this.#group;
    this.#group = [];
    this.#size = 0;
    await this.#underWay;
    this.#underWay = this.#put(group);
    // Its failure is for whoever waits for it next.
    this.#underWay.catch(() => undefined);
  }

  async #put(group: readonly Put[]): Promise<void> {
    const results = await Promise.allSettled(group.map(({ room, key, value, claim }) => room.put(key, value, claim)));
    this.done += countDone(results);
    results.forEach((result, i) => {
      if (result.status === "fulfilled") return;
      this.#behind = countDone(results.slice(i));
      throw onLine(group[i]?.line ?? 0, result.reason);
    });
  }

  #read(number: number, text: string): Pick<Put, "room" | "key" | "value"> & Pick<Context, "roomName"> {
    const { store, room, roomName } = this.#context;
    try {
      const { room: name, key, value } = parse(Imported, "entry", parseJson(text));
      if (roomName === ALL_ROOMS) {
        if (name === undefined)
          throw new LocalError("It names no room, as lines of one room do. Import it without --room '*'.");
        return { roomName: name, room: store.room(name), key, value };
      }
      if (name === undefined || name === roomName) return { roomName, room, key, value };
      throw new LocalError(`It is of the room of ${name}. Import the lines of all rooms with --room '*'.`);
    } catch (error) {
      throw onLine(number, error instanceof KeyroomError ? new LocalError(error.message) : error);
    }
  }
}

function countDone(results: readonly PromiseSettledResult<unknown>[]): number {
  return results.filter(({ status }) => status === "fulfilled").length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalError("It is not JSON. Each line is an object with key and value, as export writes them.");
  }
}

function onLine(number: number, error: unknown): unknown {
  return reworded(error, (sentence) => `Line ${number}: ${sentence}`);
}

/** The same error in other words. */
function reworded(error: unknown, words: (sentence: string) => string): unknown {
  if (error instanceof LocalError) return new LocalError(words(error.message));
  if (!(error instanceof KeyroomError)) return error;
  const op = error.op === undefined ? {} : { op: error.op };
  return new KeyroomError(error.code, words(error.message), { cause: error, ...op });
}

async function* inputOf(file: string, { stdin, note }: Context): AsyncGenerator<Buffer | string, void> {
  if (file === "-" && stdin.isTTY) note("Reading JSON lines from here. End them with Ctrl-D on a line of its own.");
  try {
    yield* file === "-" ? stdin : createReadStream(file);
  } catch (error) {
    throw new LocalError(`Cannot read ${file === "-" ? "the standard input" : file}: ${systemReason(error)}.`);
  }
}
