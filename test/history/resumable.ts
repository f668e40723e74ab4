import type { Entry, Position } from "../../protocol/fields.ts";
import { callsOf } from "./calls.ts";
import type { Epoch } from "./epoch.ts";
import { evidenceOf } from "./evidence.ts";
import type { History, Validator, Violation } from "./history.ts";
import { lifeBetween, lossesOf } from "./lives.ts";
import { effectsIn } from "./shown-room.ts";
import { covers, type Moved, movesOf, nameOf, type Stream, streamsOf } from "./streams.ts";
import { accountOf } from "./writes.ts";

/**
 * A watch goes on exactly behind its position, in the same life of the room; a gap comes only where something can have
 * been lost, and whoever folds the events of a watch has the room as it is. No life's epoch comes again.
 */
export const resumable: Validator = {
  name: "resumable",
  validate: (history) => [
    ...streamsOf(history).flatMap((stream) => [...wrongTurns(history, stream), ...wrongFolds(history, stream)]),
    ...revenants(history),
  ],
};

function wrongTurns({ logRecords = 0 }: History, stream: Stream): Violation[] {
  return movesOf(stream).flatMap(({ before, move: { at, event } }): Violation[] => {
    if (before === null) return [];
    const wrong = wrongTurn(before, event, logRecords);
    return wrong === null ? [] : [violation(`${nameOf(stream)} was told ${wrong}`, at)];
  });
}

function wrongTurn(before: Position, { kind, position }: Moved["event"], logRecords: number): string | null {
  const isSameLife = before.epoch === position.epoch;
  const lost = position.revision - before.revision;
  switch (kind) {
    case "snapshot":
      return "a snapshot where it had to go on from its position.";
    case "change":
      return isSameLife ? null : `a change of another life of the room, without a gap.`;
    case "gap":
      if (!isSameLife) return null;
      if (lost < 0)
        return `a gap back from revision ${before.revision} to ${position.revision} in one life of the room.`;
      if (lost === 0 && before.tag === position.tag)
        return `a gap at revision ${position.revision}, where it stood already.`;
      return lost <= logRecords && lost > 0 ? `a gap of ${lost} commits, which the log keeps.` : null;
  }
}

type Fold = Map<string, Pick<Entry, "revision" | "value">>;

/** What a consumer that only applies events has, compared with the room behind each gap that is told as a difference. */
function wrongFolds(history: History, stream: Stream): Violation[] {
  const epochs = evidenceOf(history).get(stream.room)?.epochs;
  let fold: Fold | null = stream.from === null ? new Map() : null;
  return stream.told.flatMap(({ at, event }): Violation[] => {
    if (event.kind === "end") {
      fold = new Map();
      return [];
    }
    if (event.reset) fold = new Map();
    for (const entry of event.puts) fold?.set(entry.key, entry);
    for (const key of event.deletes) fold?.delete(key);
    const epoch = epochs?.get(event.position.epoch);
    if (event.kind !== "gap" || event.reset || epoch === undefined) return [];
    if (fold === null)
      return [violation(`${nameOf(stream)} was told a gap as a difference from what it never had.`, at)];
    const wrong = wrongKeys(stream, fold, epoch, event.position.revision);
    const what = `${nameOf(stream)} has a wrong ${wrong.join(", ")} behind the gap at revision ${event.position.revision}.`;
    return wrong.length === 0 ? [] : [violation(what, at)];
  });
}

function wrongKeys({ opened: { filter } }: Stream, fold: Fold, epoch: Epoch, revision: number): string[] {
  const isAsked = (key: string): boolean => covers(filter, key);
  const state = epoch.stateAt(revision);
  const tooMany = state === null ? [] : [...fold.keys()].filter((key) => !state.has(key));
  const wrong = effectsIn(epoch, revision, fold, isAsked).flatMap(({ missing }) => missing);
  return [...new Set([...tooMany, ...wrong])].map((key) => JSON.stringify(key));
}

/** Epochs that are seen in two lives. */
function revenants(history: History): Violation[] {
  const lifeOf = new Map<string, number>();
  const told = [
    ...accountOf(history).commits.map(({ at, event }) => ({ room: event.room, epoch: event.epoch, from: at, to: at })),
    ...callsOf(history).flatMap(({ call, answer, from, to }) =>
      answer?.kind === "page" ? [{ room: call.room, epoch: answer.position.epoch, from, to }] : [],
    ),
  ];
  return told.flatMap(({ room, epoch, from, to }): Violation[] => {
    const life = lifeBetween(lossesOf(history, room), from, to);
    if (life === null) return [];
    const known = lifeOf.get(`${room} ${epoch}`) ?? life;
    lifeOf.set(`${room} ${epoch}`, known);
    return known === life ? [] : [violation(`The epoch ${epoch} of an earlier life of ${room} came again.`, to)];
  });
}

function violation(what: string, at: number): Violation {
  return { validator: resumable.name, what, at: [at] };
}
