import type { Entry } from "../../protocol/fields.ts";
import { callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import { evidenceOf } from "./evidence.ts";

import type { History, Validator, Violation } from "./history.ts";
import { type Moved, movesOf, nameOf, type Stream, streamsOf } from "./streams.ts";
import { accountOf, writesOf } from "./writes.ts";

/** What is told and read was written before, by whom it says, and is the same for everybody who sees it. */
export const faithful: Validator = {
  name: "faithful",
  validate: (history) => [
    ...conflicts(history),
    ...entriesSeen(history).flatMap((seen) => inventions(history, seen)),
    ...streamsOf(history).flatMap((stream) =>
      movesOf(stream).flatMap(({ move }) => [...crooked(stream, move), ...otherwise(history, stream, move)]),
    ),
    ...unaccounted(history),
  ],
};

/** Two sights of one commit that differ. */
function conflicts(history: History): Violation[] {
  return [...evidenceOf(history).values()].flatMap(({ room, epochs }) =>
    [...epochs.values()].flatMap((epoch) =>
      epoch.conflicts.map(({ what, at }) => violation(`In ${room}, ${what}.`, ...at)),
    ),
  );
}

interface Seen {
  readonly room: string;
  readonly at: number;
  readonly entry: Entry;
}

function entriesSeen(history: History): Seen[] {
  const told = streamsOf(history).flatMap(({ room, told }) =>
    told.flatMap(({ at, event }) => (event.kind === "end" ? [] : event.puts.map((entry) => ({ room, at, entry })))),
  );
  const read = callsOf(history).flatMap(({ call: { room }, answer, to: at }) =>
    answer?.kind === "entries" || answer?.kind === "page"
      ? answer.entries.flatMap((entry) => (entry === null ? [] : [{ room, at, entry }]))
      : [],
  );
  return [...told, ...read];
}

/** Who put which value at which key, and when it was asked for. */
const authorsOf = derived((history: History): ReadonlyMap<string, { readonly by: string; readonly from: number }[]> => {
  const authors = new Map<string, { readonly by: string; readonly from: number }[]>();
  const learn = (room: string, { key, value }: Pick<Entry, "key" | "value">, by: string, from: number): void => {
    listAt(authors, JSON.stringify([room, key, value])).push({ by, from });
  };
  for (const { room, request, user, from } of writesOf(history)) {
    for (const put of request.puts) learn(room, put, user, from);
  }
  for (const [at, event] of history.events.entries()) {
    if (event.kind === "base") for (const entry of event.entries) learn(event.room, entry, entry.updatedBy, -1);
    if (event.kind !== "committed") continue;
    for (const entry of event.change.puts) learn(event.room, entry, event.change.by, at);
  }
  return authors;
});

function inventions(history: History, { room, at, entry }: Seen): Violation[] {
  const { key, value, updatedBy } = entry;
  const authors = authorsOf(history).get(JSON.stringify([room, key, value])) ?? [];
  if (authors.some(({ by, from }) => by === updatedBy && from < at)) return [];
  return [violation(`${JSON.stringify(entry)} was seen in ${room}, and ${updatedBy} had not written that.`, at)];
}

/** Events that contradict themselves. */
function crooked(stream: Stream, { at, event }: Moved): Violation[] {
  const { position, puts, deletes } = event;
  const isWrong = (entry: Entry): boolean =>
    event.kind === "change"
      ? entry.revision !== position.revision || entry.updatedBy !== event.by || entry.updatedAt !== event.at
      : entry.revision > position.revision;
  const keys = [...puts.map(({ key }) => key), ...deletes];
  const wrong = puts.find(isWrong);
  if (wrong === undefined && new Set(keys).size === keys.length) return [];
  const why = wrong === undefined ? "one key twice" : `${JSON.stringify(wrong)} with another commit`;
  return [violation(`${nameOf(stream)} was told of ${why} at revision ${position.revision}.`, at)];
}

/** Events that tell of what was not in the commit, or of a commit that never was. */
function otherwise(history: History, stream: Stream, { at, event }: Moved): Violation[] {
  const evidence = evidenceOf(history).get(stream.room);
  const { epoch, revision, tag } = event.position;
  const commit = evidence?.epochs.get(epoch)?.commits.get(revision);
  if (event.kind !== "change" || evidence?.isWitnessed !== true) {
    const isWrong = evidence?.isWitnessed === true && commit !== undefined && commit.tag !== tag;
    return isWrong ? [violation(`${nameOf(stream)} was told a wrong tag of revision ${revision}.`, at)] : [];
  }
  const isSame =
    commit !== undefined &&
    commit.tag === tag &&
    commit.by === event.by &&
    commit.time === event.at &&
    event.deletes.every((key) => commit.deletes.has(key)) &&
    event.puts.every(
      (entry) => JSON.stringify(sorted(commit.puts.get(entry.key)?.entry)) === JSON.stringify(sorted(entry)),
    );
  return isSame
    ? []
    : [violation(`${nameOf(stream)} was told of revision ${revision} other than it was committed.`, at)];
}

function sorted(entry: Entry | null | undefined): unknown {
  return Object.entries(entry ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Commits in the name of a recorded user that none of his calls asked for. */
function unaccounted(history: History): Violation[] {
  const { commits, writeOf } = accountOf(history);
  const users = new Set(callsOf(history).map(({ call }) => call.user));
  return commits.flatMap((commit): Violation[] => {
    const { at, event } = commit;
    if (writeOf.has(commit) || !users.has(event.change.by)) return [];
    const what = `Revision ${event.change.revision} of ${event.room} was committed for ${event.change.by}, who had not asked for it.`;
    return [violation(what, at)];
  });
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: faithful.name, what, at };
}
