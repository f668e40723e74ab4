import { createInterface, type Key } from "node:readline";
import type { Readable } from "node:stream";
import type { LiveTerminal } from "../terminal/live-terminal.ts";
import { Interrupted } from "../terminal/question.ts";
import { Suspension, setRaw } from "../terminal/suspension.ts";
import { type KeyPress, keyPress } from "./key-press.ts";

/** How long a lone ESC byte may be the beginning of an arrow key. */
const ESCAPE_MS = 50;

export interface KeyboardListener {
  key(key: KeyPress): void;
  /** Ctrl-C or Ctrl-D, or the terminal is gone. */
  interrupted(error: Interrupted): void;
}

/**
 * Tells of each key at once, and of Ctrl-C as such. Ctrl-Z suspends the process.
 * @param screen what is left for the shell, and drawn again when it comes back
 * @returns what stops it and gives the keyboard back
 */
export function listenToKeys(
  input: Readable,
  screen: Pick<LiveTerminal, "leave" | "redraw">,
  listener: KeyboardListener,
): () => void {
  // The first interface on an input decides how long ESC is waited on; the default of 500 ms feels broken.
  createInterface({ input, terminal: true, escapeCodeTimeout: ESCAPE_MS }).close();
  const interrupt = (): void => listener.interrupted(new Interrupted());
  const onKey = (typed: string | undefined, key: Key): void => {
    if (key.ctrl === true && (key.name === "c" || key.name === "d")) interrupt();
    else listener.key(keyPress(typed, key));
  };
  const stopSuspension = new Suspension(input, screen).listen();
  input.on("keypress", onKey).on("end", interrupt);
  setRaw(input, true);
  input.resume();
  return () => {
    stopSuspension();
    input.off("keypress", onKey).off("end", interrupt);
    setRaw(input, false);
    input.pause();
  };
}
