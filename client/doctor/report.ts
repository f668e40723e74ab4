import { styleText } from "node:util";
import { counted } from "../terminal/counted.ts";
import { flow, pad } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Check, State } from "./check.ts";

/** A screen narrower than this has each sentence below its name. */
const NARROW = 60;
const STATE = 9;
const NAME = 12;
const COLOUR = { ok: "green", warning: "yellow", problem: "red" } as const;

/**
 * The lines of a check: its state in words, its name, and what there is to say.
 * @param columns of the screen; undefined where it is none, and a line may be as long as it is
 * @param stream decides on colours
 */
export function linesOf(check: Check, columns: number | undefined, stream: NodeJS.WriteStream): readonly string[] {
  const { state, name, says, advice } = check;
  const head = `${paint(state, stream)}${pad("", STATE - state.length)}`;
  const texts = [printable(says), ...(advice === undefined ? [] : [`Do: ${printable(advice)}`])];
  if (columns !== undefined && columns < NARROW) {
    return [`${head}${name}`, ...texts.flatMap((text) => wrapped(text, columns - 2).map((line) => `  ${line}`))];
  }
  const lines = texts.flatMap((text) => (columns === undefined ? [text] : wrapped(text, columns - STATE - NAME)));
  return lines.map((line, i) => (i === 0 ? `${head}${pad(name, NAME)}${line}` : `${pad("", STATE + NAME)}${line}`));
}

function wrapped(text: string, columns: number): readonly string[] {
  return flow(text.split(" "), " ", Math.max(10, columns));
}

function paint(state: State, stream: NodeJS.WriteStream): string {
  return styleText(COLOUR[state], state, { stream });
}

export function summary(checks: readonly Check[]): string {
  const count = (state: State): number => checks.filter((check) => check.state === state).length;
  const states = (["problem", "warning"] as const).filter((state) => count(state) > 0);
  if (states.length === 0) return "All is well.";
  const found = states.map((state) => counted(count(state), state)).join(", ");
  return states.includes("problem") ? `${found}.` : `No problem, ${found}.`;
}
