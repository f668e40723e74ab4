import { stripVTControlCharacters } from "node:util";
import type { Notice } from "../notices/notice.ts";
import { noticeLines } from "../notices/notice-lines.ts";
import { Watching } from "../notices/watching.ts";
import type { Store, Watch } from "../sdk/index.ts";
import { flow } from "../terminal/fit.ts";
import { columnsOf } from "../terminal/io.ts";
import { PlainKeyboard } from "../terminal/plain-keyboard.ts";
import { printable } from "../terminal/printable.ts";
import { Back } from "../terminal/question.ts";
import type { LiveOptions } from "./live-options.ts";

/** The live view as lines without colours that are only ever added: each says one thing, a burst of changes is counted in one. */
export async function runPlain({ store, rooms, server, io: { input, output }, end }: LiveOptions): Promise<void> {
  const columns = (): number => columnsOf(output);
  const print = (line: string): void => void output.write(`${stripVTControlCharacters(line)}\n`);
  const say = (sentence: string): void => flow(printable(sentence).split(" "), " ", columns() - 1).forEach(print);
  const refusal = new AbortController();
  let hasBegun = false;
  const watching = new Watching(store, {
    show: (notices: readonly Notice[]) => {
      noticeLines(notices, store.session.user, columns()).forEach(print);
    },
    opened: (_, watch) => {
      watch.on("state", (state) => {
        hasBegun ||= state === "live";
        if (state === "closed" && !hasBegun && watching.rooms.length === 0) tellRefusal(watch, refusal);
      });
    },
    liveAgain: () => say("Watching goes on."),
    changed: () => undefined,
  });
  const stops: (() => void)[] = [() => watching.stop()];
  try {
    say(`Live changes on ${server}. q or <, then Enter, goes back.`);
    stops.push(tellStates(store, say));
    for (const room of rooms) watching.open(room);
    const keyboard = new PlainKeyboard(input);
    const over = end === null ? refusal.signal : AbortSignal.any([end, refusal.signal]);
    while (!(await isBack(keyboard, over))) say("Nothing is asked here. q or <, then Enter, goes back.");
  } finally {
    for (const stop of stops) stop();
  }
}

/** Whether the next line is one that goes back. */
async function isBack(keyboard: PlainKeyboard, end: AbortSignal): Promise<boolean> {
  try {
    return (await keyboard.line(end)).trim().toLowerCase() === "q";
  } catch (error) {
    if (error instanceof Back) return true;
    throw error;
  }
}

/** Aborts with what the server said, where no watch could be begun: whoever asks a watch for more is told. */
function tellRefusal(watch: Watch, refusal: AbortController): void {
  const next = watch[Symbol.asyncIterator]().next();
  next.catch((error: unknown) => refusal.abort(error));
}

/** Each state once, and not each attempt to leave it. */
function tellStates(store: Store, say: (sentence: string) => void): () => void {
  let last = store.state;
  return store.on("state", (state, why) => {
    if (state !== last) say(state === "reconnecting" ? `${why} Reconnecting…` : why);
    last = state;
  });
}
