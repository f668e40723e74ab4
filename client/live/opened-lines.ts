import { styleText } from "node:util";
import type { Entry } from "../sdk/index.ts";
import { cut, flow, pieces } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { cell, columnWidth, endCell } from "./layout.ts";
import { previewText } from "./newest-lines.ts";
import type { Past } from "./past.ts";
import type { Subject } from "./subject.ts";
import { age, many, moment } from "./words.ts";

/** A value that is longer is not shown to its end. */
const MOST_LINES = 200;
/** The lines of each value as it was shown last: laying out a long one takes longer than a frame should. */
const laidOut = new WeakMap<Entry, { readonly columns: number; readonly lines: readonly string[] }>();
const MOST_NAME = 14;

/**
 * A key and its entry, whole.
 * @param now by the clock of the entry's times
 */
export function openedLines(subject: Subject, columns: number, now: number): string[] {
  const title = styleText("bold", cut(`${printable(subject.room)} · ${printable(subject.key)}`, columns));
  return [title, ...knownLines(subject, columns, now), ...pastLines(subject.past, columns, now)];
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
      return [...sentence(about(known.entry, now), columns), "", ...linesOf(known.entry, columns)];
  }
}

function about({ revision, version, updatedAt, updatedBy }: Entry, now: number): string {
  const changes = version === 1 ? "new" : `change ${many(version)} of this key`;
  const when = `${moment(updatedAt, now).trimEnd()} (${age(Math.max(0, now - updatedAt))})`;
  return `revision ${revision} · ${changes} · by ${printable(updatedBy)} · ${when}`;
}

function linesOf(entry: Entry, columns: number): readonly string[] {
  const known = laidOut.get(entry);
  if (known?.columns === columns) return known.lines;
  const lines = valueLines(entry.value, columns);
  laidOut.set(entry, { columns, lines });
  return lines;
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

/** Each change of the key on a line. */
function pastLines({ changes, beginning }: Past, columns: number, now: number): string[] {
  if (changes.length === 0 && beginning === "") return [];
  const names = changes.map(({ by }) => printable(by));
  const revisions = changes.map(({ revision }) => many(revision));
  const [number, name] = [columnWidth(revisions, 1, 9), columnWidth(names, 1, MOST_NAME)];
  const lines = changes.map(({ at, preview }, i) => {
    const start = [endCell(revisions[i] ?? "", number), moment(at, now), cell(names[i] ?? "", name)].join("  ");
    return cut(`${start}  ${preview === null ? "deleted" : previewText(preview)}`, columns);
  });
  return [
    "",
    styleText("bold", "History, newest first"),
    ...lines,
    ...(beginning === "" ? [] : sentence(printable(beginning), columns)),
  ];
}

function sentence(text: string, columns: number): string[] {
  return flow(text.split(" "), " ", columns);
}
