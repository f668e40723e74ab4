import { emitKeypressEvents, type Key } from "node:readline";
import type { Readable } from "node:stream";
import { Suspension, setRaw } from "../terminal/suspension.ts";
import type { Screen } from "./screen.ts";

/** Calls back for each key, and when the terminal is gone; Ctrl-Z is seen to. Returns what gives the terminal back. */
export function listenToKeys(input: Readable, screen: Screen, onKey: (key: Key) => void, onEnd: () => void) {
  const onKeypress = (_: unknown, key: Key) => onKey(key);
  const stopSuspension = new Suspension(input, screen).listen();
  emitKeypressEvents(input);
  setRaw(input, true);
  input.on("keypress", onKeypress).on("end", onEnd).resume();
  return () => {
    stopSuspension();
    input.off("keypress", onKeypress).off("end", onEnd).pause();
    setRaw(input, false);
  };
}
