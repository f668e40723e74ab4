/** What became of a key, what it was, and how to take a change back. */
import { styleText } from "node:util";
import { KeyroomError } from "../../protocol/errors.ts";
import type { KeyChange } from "../sdk/index.ts";
import { cut } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { falseAtBack } from "../terminal/question.ts";
import type { Context } from "./action.ts";
import { deliver } from "./deliver.ts";
import { showEntry, shown, timeOf } from "./show-entry.ts";
import { tell } from "./tone.ts";

/** Changes of a key shown at once. */
const MOST = 20;
/** Chosen to go on; no revision. */
const ANOTHER = "another key";

/** Who, when, what: as far back as the server's log goes. Any of it can be looked at and taken back. */
export async function history(context: Context, key: string): Promise<void> {
  const { talk, session, room } = context;
  session.asCommand(["history", key], room);
  const { changes, more, reaches } = await talk.wait("Reading", room.keys.history(key, { limit: MOST }));
  for (const { revision, at, by, value } of changes) {
    const head = `${revision}  ${timeOf(at)}  ${printable(by)}`;
    const what = became(value, talk.columns);
    talk.print(`  ${styleText("dim", head)}  ${cut(what, Math.max(10, talk.columns - head.length - 6))}`);
  }
  if (more) tell(talk, `These are the last ${changes.length}. All of them: c, the command for this.`);
  else tell(talk, `The server's log goes back to revision ${reaches}.`);
  for (let last: string = ANOTHER; ; ) {
    const change = await askChange(context, changes, last);
    if (change === undefined || (await lookAt(context, key, change).catch(falseAtBack))) return;
    last = String(change.revision);
  }
}

function became(value: string | null, columns: number): string {
  return value === null ? "deleted it" : value === "" ? "(empty)" : printable(value.slice(0, columns));
}

/** Undefined where the user goes on. */
async function askChange(
  { talk }: Context,
  changes: readonly KeyChange[],
  marked: string,
): Promise<KeyChange | undefined> {
  const width = talk.columns - 4;
  const suggestions = [
    { value: ANOTHER, name: ANOTHER, description: "look at the next one" },
    ...changes.map(({ revision, at, by, value }) => ({
      value: String(revision),
      name: cut(`revision ${revision}, ${printable(by)}: ${became(value, width)}`, width),
      description: timeOf(at),
    })),
  ];
  const found = await talk.search(
    "Which change",
    async (typed) => suggestions.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase())),
    { marked },
  );
  return changes.find(({ revision }) => String(revision) === found);
}

/** As it was then; whether the change was taken back. */
async function lookAt(context: Context, key: string, change: KeyChange): Promise<boolean> {
  const { talk, session, room } = context;
  const { revision, at, by, value } = change;
  session.asCommand(["get", key, "--at", String(revision)], room);
  if (value === null) tell(talk, `At revision ${revision}, ${printable(by)} deleted it, ${timeOf(at)}.`);
  else showEntry(talk, { value, revision, updatedAt: at, updatedBy: by });
  const found = await talk.search(`What about revision ${revision}`, async (typed) =>
    DEEDS.filter(({ name }) => name.includes(typed.toLowerCase())),
  );
  return found === TAKE_BACK && (await takeBack(context, key, change));
}

const TAKE_BACK = "take back";
const DEEDS = [
  { value: "another", name: "another change", description: "look at the next one" },
  { value: TAKE_BACK, name: "take it back", description: "as it was before this change; asks first" },
] as const;

/** Shows what would be there again, and asks. Whether it is done or queued. */
async function takeBack(context: Context, key: string, { revision }: KeyChange): Promise<boolean> {
  const { talk, session, room } = context;
  const before = await talk.wait("Reading", room.keys.get(key, { revision: revision - 1 }));
  if (before === null) tell(talk, `Before revision ${revision} there was no ${shown(key)}: it would be deleted.`);
  else {
    tell(talk, `Before revision ${revision} it was:`);
    showEntry(talk, before);
  }
  if (!(await talk.confirm(`Take back all of revision ${revision}?`))) {
    tell(talk, "Kept it.");
    return false;
  }
  session.asCommand(["undo", String(revision)], room);
  try {
    return await deliver(context, {
      what: `undo revision ${revision}`,
      key,
      write: (keys, claim) => keys.undo(revision, claim),
      sentence: (done) =>
        done.revision === null
          ? `Revision ${revision} changed nothing that could be taken back.`
          : `Took back revision ${revision}, as revision ${done.revision}.`,
    });
  } catch (error) {
    if (!(error instanceof KeyroomError) || error.code !== "conflict") throw error;
    const why = `What was changed at revision ${revision} has been changed again since`;
    talk.say("!", `${why}. Take back the later changes first, or put the old value yourself.`);
    return false;
  }
}
