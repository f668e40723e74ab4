import { styleText } from "node:util";
import type { Entry } from "../sdk/index.ts";
import { cut, pad, widthOf } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import type { Action, Context } from "./action.ts";
import { tell } from "./tone.ts";

/** Lines of the screen that a page leaves free, for the question and what was before. */
const OTHER_LINES = 6;

async function list({ talk, session }: Context): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const limit = Math.max(5, talk.rows - OTHER_LINES);
    const page = session.room.list({ limit, ...(after === undefined ? {} : { after }) });
    const { entries, more } = await talk.wait("Reading", page);
    if (entries.length === 0) return tell(talk, after === undefined ? "This room is empty." : "That was all.");
    if (after === undefined)
      tell(talk, session.others === null ? "Your keys:" : `${printable(session.others)}'s keys:`);
    for (const line of table(entries, talk.columns)) talk.print(line);
    if (!more || !(await talk.confirm("There are more. Go on?"))) return;
    after = entries.at(-1)?.key;
  }
}

function table(entries: readonly Entry[], columns: number): string[] {
  const keys = entries.map(({ key }) => cut(printable(key), Math.floor(columns * 0.4)));
  const keyColumns = Math.max(...keys.map(widthOf));
  return entries.map(({ value }, i) => {
    const preview = cut(printable(value.slice(0, columns)), columns - keyColumns - 5);
    return `  ${styleText("cyan", pad(keys[i] ?? "", keyColumns))}  ${preview === "" ? "(empty)" : preview}`;
  });
}

export const LIST: Action = { name: "list", hint: "show keys and values", run: list };
