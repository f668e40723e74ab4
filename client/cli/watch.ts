/** `watch`: prints what happens in a room, or runs a command for it, event by event, until something ends it. */
import type { Position } from "../../protocol/fields.ts";
import type { SavedPosition, Watch, WatchEvent } from "../sdk/index.ts";
import { ALL_ROOMS } from "../sdk/replica.ts";
import { lastWords } from "../terminal/last-words.ts";
import { LocalError } from "../terminal/local-error.ts";
import type { Context } from "./command.ts";
import { GapError } from "./errors.ts";
import { runFor } from "./exec.ts";
import { PositionFile, readPosition } from "./position-file.ts";

/** How often a quiet watch's position is saved, which moves with the keys it is not for. */
const QUIET_MS = 5_000;
/** After this long without the first answer, a word to whoever waits. */
const PATIENCE_MS = 10_000;

/**
 * Follows the room. Ends when the reader of the output has gone, when the process does, or with the room.
 * @throws KeyroomError when the watch is refused, also later, GapError where gaps count as errors, LocalError
 */
export async function follow(context: Context): Promise<void> {
  const { key, prefix } = context;
  const from = await begin(context);
  const watch = context.room.watch({
    ...(key !== undefined && { key }),
    ...(prefix !== undefined && { prefix }),
    ...(from !== undefined && { from }),
  });
  const stopReporting = reportStates(watch, context);
  try {
    await new Following(context, watch, from).run();
  } finally {
    stopReporting();
    watch.close();
  }
}

async function begin({ resume, save, note, roomName }: Context): Promise<SavedPosition | undefined> {
  if (resume === undefined) return undefined;
  const position = await readPosition(resume, roomName === ALL_ROOMS);
  if (position !== undefined) return position;
  // The first of many runs has nothing to go on from yet.
  if (resume !== save) throw new LocalError(`Cannot read --from ${resume}: no such file or folder.`);
  note(`There is no ${resume} yet: beginning with everything that is there.`);
  return undefined;
}

class Following {
  readonly #context: Context;
  readonly #watch: Watch;
  readonly #file: PositionFile | null;
  /** Behind the last event that was printed, by room. */
  readonly #printed: Map<string, Position>;
  #hasPrintedAll = false;
  #failure: LocalError | null = null;

  constructor(context: Context, watch: Watch, from: SavedPosition | undefined) {
    this.#context = context;
    this.#watch = watch;
    const isAll = context.roomName === ALL_ROOMS;
    this.#printed = new Map(isAll ? (Object.entries(from ?? {}) as [string, Position][]) : []);
    const onError = (error: LocalError): void => {
      this.#failure = error;
      watch.close();
    };
    this.#file = context.save === undefined ? null : new PositionFile(context.save, () => this.#position, onError);
  }

  async run(): Promise<void> {
    const stop = this.#keepPosition();
    try {
      await this.#printAll();
    } finally {
      stop();
    }
    if (this.#failure !== null) throw this.#failure;
  }

  async #printAll(): Promise<void> {
    const { strict, note } = this.#context;
    const events = this.#watch[Symbol.asyncIterator]();
    for (;;) {
      this.#hasPrintedAll = true;
      const { value: event, done } = await events.next();
      if (done === true) return;
      this.#hasPrintedAll = false;
      if (!(await this.#tell(event))) return;
      this.#note(event);
      if (event.kind !== "gap") continue;
      note(gapSentence(event));
      if (strict) throw new GapError(`Single changes in the room of ${event.room} are lost.`);
    }
  }

  /** @returns false when nobody takes it any more */
  async #tell(event: WatchEvent): Promise<boolean> {
    const { exec, strict, say, print } = this.#context;
    if (exec === undefined) return print(event);
    await runFor(event, { command: exec, strict, say });
    return true;
  }

  #note(event: WatchEvent): void {
    if (this.#file === null) return;
    if (event.kind === "end") this.#printed.delete(event.room);
    else this.#printed.set(event.room, event.position);
    this.#file.moved();
  }

  /** Behind what was printed, and not behind what the SDK has taken: that may still be on its way out. */
  get #position(): SavedPosition | null {
    if (this.#hasPrintedAll) return this.#watch.position;
    const { roomName } = this.#context;
    return roomName === ALL_ROOMS ? Object.fromEntries(this.#printed) : (this.#printed.get(roomName) ?? null);
  }

  #keepPosition(): () => void {
    const file = this.#file;
    if (file === null) return () => undefined;
    const keep = (): void => {
      if (this.#watch.state !== "closed") file.moved();
    };
    const now = (): void => {
      keep();
      file.flush();
    };
    const timer = setInterval(keep, QUIET_MS);
    const stopWaiting = lastWords(now);
    return () => {
      clearInterval(timer);
      stopWaiting();
      file.flush();
    };
  }
}

function gapSentence({ room, reset }: Extract<WatchEvent, { kind: "gap" }>): string {
  const what = reset ? "everything that is there now" : "what differs now";
  return `Gap in the room of ${room}: the server no longer has all changes since. Its line holds ${what}.`;
}

/** Nobody should wonder why nothing comes. */
export function reportStates(watch: Watch, { store, note }: Pick<Context, "store" | "note">) {
  let trouble = "";
  // Each failed attempt is told; the same reason is said once.
  const report = (sentence: string): void => {
    if (sentence === trouble) return;
    trouble = sentence;
    note(sentence);
  };
  // A watch hears first that the connection is lost: a turn later, the store has said so itself.
  const reportWaiting = (why: string): void =>
    queueMicrotask(() => {
      if (store.state === "connected") report(`Waiting: ${why}`);
    });
  const impatient = setTimeout(() => {
    if (watch.state === "connecting") note("The server has not answered yet. Still waiting.");
  }, PATIENCE_MS);
  const stops = [
    store.on("state", (state, why) => {
      if (state === "reconnecting") report(`Reconnecting: ${why}`);
      // Said already, whatever the command.
      if (state === "stale") trouble = why;
    }),
    watch.on("state", (state, why) => {
      if (state === "connecting" || state === "resuming") reportWaiting(why);
      if (state !== "live" || trouble === "") return;
      trouble = "";
      note("Live again.");
    }),
  ];
  return () => {
    clearTimeout(impatient);
    for (const stop of stops) stop();
  };
}
