import type { Key } from "node:readline";

export interface KeyPress {
  /** As Node's `readline` calls it; empty where it has no name. */
  readonly name: string;
  /** The letter that it types; empty where it types none. */
  readonly text: string;
  readonly ctrl: boolean;
}

const CONTROL = /\p{Cc}/u;

/** @param typed what came with the key, if anything */
export function keyPress(typed: string | undefined, { name = "", ctrl = false, meta = false }: Key): KeyPress {
  const isText = typed !== undefined && !ctrl && !meta && !CONTROL.test(typed);
  return { name, text: isText ? typed : "", ctrl };
}
