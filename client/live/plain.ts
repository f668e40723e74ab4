import { stripVTControlCharacters } from "node:util";
import type { Notice } from "../notices/notice.ts";
import { noticeLines } from "../notices/notice-lines.ts";
import { Watching } from "../notices/watching.ts";
import type { Store } from "../sdk/index.ts";
import { flow } from "../terminal/fit.ts";
import { columnsOf } from "../terminal/io.ts";
import { printable } from "../terminal/printable.ts";
import { listenToKeys } from "./keyboard.ts";
import { type LiveOptions, onAbort } from "./live-options.ts";

/** The live view as lines without colours that are only ever added: each says one thing, a burst of changes is counted in one. */
export async function runPlain({ store, rooms, server, io: { input, output }, end }: LiveOptions): Promise<void> {
  const columns = (): number => columnsOf(output);
  const print = (line: string): void => void output.write(`${stripVTControlCharacters(line)}\n`);
  const say = (sentence: string): void => flow(printable(sentence).split(" "), " ", columns() - 1).forEach(print);
  const watching = new Watching(store, {
    show: (notices: readonly Notice[]) => {
      noticeLines(notices, store.session.user, columns()).forEach(print);
    },
    liveAgain: () => say("Watching goes on."),
    changed: () => undefined,
  });
  const stops: (() => void)[] = [() => watching.stop()];
  try {
    await new Promise<void>((leave, fail) => {
      say(`Live changes on ${server}. q goes back.`);
      stops.push(onAbort(end, fail), tellStates(store, say));
      const silent = { leave: () => undefined, redraw: () => undefined };
      const key = ({ name, text }: { readonly name: string; readonly text: string }): void => {
        if (text === "q" || name === "escape") leave();
      };
      stops.push(listenToKeys(input, silent, { key, interrupted: fail }));
      for (const room of rooms) watching.open(room);
    });
  } finally {
    for (const stop of stops) stop();
  }
}

/** Each state once, and not each attempt to leave it. */
function tellStates(store: Store, say: (sentence: string) => void): () => void {
  let last = store.state;
  return store.on("state", (state, why) => {
    if (state !== last) say(state === "reconnecting" ? `${why} Reconnecting…` : why);
    last = state;
  });
}
