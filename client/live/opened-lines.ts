import { styleText } from "node:util";
import type { Entry } from "../sdk/index.ts";
import { cut, flow, pieces } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Subject } from "./subject.ts";
import { age, clockTime, many } from "./words.ts";

/** A value that is longer is not shown to its end. */
const MOST_LINES = 500;

/**
 * A key and its entry, whole.
 * @param now by the clock of the entry's times
 */
export function openedLines(subject: Subject, columns: number, now: number): string[] {
  const title = styleText("bold", cut(`${printable(subject.room)} · ${printable(subject.key)}`, columns));
  return [title, ...knownLines(subject, columns, now)];
}

function knownLines({ known }: Subject, columns: number, now: number): string[] {
  switch (known.kind) {
    case "asking":
      return ["Asking the server…"];
    case "failed":
      return sentence(`The server does not tell it. ${printable(known.reason)}`, columns);
    case "nothing":
      return sentence("There is no such key now. It is shown here as soon as it is set.", columns);
    case "entry":
      return [...sentence(about(known.entry, now), columns), "", ...valueLines(known.entry.value, columns)];
  }
}

function about({ revision, version, updatedAt, updatedBy }: Entry, now: number): string {
  const changes = version === 1 ? "new" : `change ${many(version)} of this key`;
  const when = `${clockTime(updatedAt)} (${age(Math.max(0, now - updatedAt))})`;
  return `revision ${revision} · ${changes} · by ${printable(updatedBy)} · ${when}`;
}

/** Behind a bar, so that nothing in it can pass for words of ours. */
function valueLines(value: string, columns: number): string[] {
  if (value === "") return ["(an empty value)"];
  const beginning = value.slice(0, MOST_LINES * columns);
  const lines = beginning.split("\n").flatMap((line) => pieces(printable(line), Math.max(1, columns - 2)));
  const bar = styleText("cyan", "│");
  const shown = lines.slice(0, MOST_LINES).map((line) => `${bar} ${line}`);
  if (lines.length <= MOST_LINES && beginning.length === value.length) return shown;
  return [...shown, `… ${many(value.length)} characters in all.`];
}

function sentence(text: string, columns: number): string[] {
  return flow(text.split(" "), " ", columns);
}
