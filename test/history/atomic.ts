import { callsOf } from "./calls.ts";
import type { Epoch } from "./epoch.ts";
import { evidenceOf } from "./evidence.ts";
import type { History, Validator, Violation } from "./history.ts";
import { effectsIn, pictureOf } from "./shown-room.ts";
import { covers, type Moved, movesOf, nameOf, type Stream, streamsOf } from "./streams.ts";

/** Of a commit, a watch or a read sees all keys that it is about, or none; a commit is one change. */
export const atomic: Validator = {
  name: "atomic",
  validate: (history) => [...inWatches(history), ...inPages(history)],
};

function inWatches(history: History): Violation[] {
  return streamsOf(history).flatMap((stream) =>
    movesOf(stream).flatMap(({ move }): Violation[] => {
      const epoch = evidenceOf(history).get(stream.room)?.epochs.get(move.event.position.epoch);
      if (epoch === undefined) return [];
      const half = move.event.kind === "change" ? halfChange(stream, move, epoch) : halfSnapshot(stream, move, epoch);
      return half === null ? [] : [violation(`${nameOf(stream)} was told of ${half}`, move.at)];
    }),
  );
}

function halfChange({ opened: { filter } }: Stream, { event }: Moved, epoch: Epoch): string | null {
  const commit = epoch.commits.get(event.position.revision);
  const told = new Set([...event.puts.map(({ key }) => key), ...event.deletes]);
  const due = [...(commit?.puts.keys() ?? []), ...(commit?.deletes ?? [])].filter((key) => covers(filter, key));
  const missing = due.filter((key) => !told.has(key));
  return missing.length === 0 || missing.length === due.length
    ? null
    : `revision ${event.position.revision} without ${JSON.stringify(missing)}.`;
}

function halfSnapshot({ opened: { filter } }: Stream, { event }: Moved, epoch: Epoch): string | null {
  if (event.kind === "change" || !event.reset) return null;
  return halfOf(epoch, event.position.revision, pictureOf(event.puts), (key) => covers(filter, key));
}

function halfOf(...picture: Parameters<typeof effectsIn>): string | null {
  for (const { revision, shown, missing } of effectsIn(...picture)) {
    if (shown.length === 0 || missing.length === 0) continue;
    return `revision ${revision} with ${JSON.stringify(shown)} and without ${JSON.stringify(missing)}.`;
  }
  return null;
}

function inPages(history: History): Violation[] {
  return callsOf(history).flatMap(({ call, answer, to }): Violation[] => {
    if (answer?.kind !== "page" || call.request.kind !== "list") return [];
    const epoch = evidenceOf(history).get(call.room)?.epochs.get(answer.position.epoch);
    if (epoch === undefined) return [];
    const { prefix, after } = call.request;
    const last = answer.more ? (answer.entries.at(-1)?.key ?? "") : null;
    const isAsked = (key: string): boolean =>
      key.startsWith(prefix) && (after === null || isBefore(after, key)) && (last === null || !isBefore(last, key));
    const half = halfOf(epoch, answer.position.revision, pictureOf(answer.entries), isAsked);
    return half === null ? [] : [violation(`A list by ${call.client} shows ${half}`, to)];
  });
}

/** By UTF-8 bytes. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

function violation(what: string, at: number): Violation {
  return { validator: atomic.name, what, at: [at] };
}
