import type { Position } from "../../protocol/fields.ts";
import type { Epoch, KnownCommit } from "./epoch.ts";
import { evidenceOf, type RoomEvidence } from "./evidence.ts";
import type { Validator, Violation } from "./history.ts";
import { effectsIn, pictureOf } from "./shown-room.ts";
import { covers, isWhole, type Moved, movesOf, nameOf, type Stream, standing, streamsOf } from "./streams.ts";

/**
 * If a watch was told a and c, it was told b between them, or a gap; a snapshot has everything up to its position; and
 * when all is quiet, everything was told.
 */
export const complete: Validator = {
  name: "complete",
  validate: (history) =>
    streamsOf(history).flatMap((stream) => {
      const evidence = evidenceOf(history).get(stream.room);
      if (evidence === undefined) return [];
      return [...holes(stream, evidence), ...unfinished(stream, evidence)];
    }),
};

function holes(stream: Stream, evidence: RoomEvidence): Violation[] {
  const told = toldOf(stream);
  return movesOf(stream).flatMap(({ before, move }) => {
    const { event } = move;
    const epoch = evidence.epochs.get(event.position.epoch);
    if (epoch === undefined) return [];
    if (event.kind !== "change") return event.reset ? blanks(stream, move, epoch) : [];
    if (before?.epoch !== event.position.epoch) return [];
    const missed = missedBetween(stream, epoch, before.revision, event.position.revision, told);
    return missed.length === 0 ? [] : [missing(stream, missed, move.at)];
  });
}

/** What the watch should have been told between two revisions and never was. */
function missedBetween(stream: Stream, epoch: Epoch, from: number, to: number, told: ReadonlySet<string>): number[] {
  const missed: number[] = [];
  const { filter } = stream.opened;
  for (let revision = from + 1; revision < to; revision++) {
    const commit = epoch.commits.get(revision);
    const isDue = isWhole(filter) || (commit !== undefined && concerns(stream, commit));
    if (isDue && !told.has(`${epoch.name} ${revision}`)) missed.push(revision);
  }
  return missed;
}

/** Commits of which a snapshot shows nothing. */
function blanks(stream: Stream, { at, event }: Moved, epoch: Epoch): Violation[] {
  const isAsked = (key: string): boolean => covers(stream.opened.filter, key);
  const effects = effectsIn(epoch, event.position.revision, pictureOf(event.puts), isAsked);
  const lost = effects.filter(({ shown, missing }) => shown.length === 0 && missing.length > 0);
  return lost.length === 0
    ? []
    : [
        missing(
          stream,
          lost.map(({ revision }) => revision),
          at,
        ),
      ];
}

function unfinished(stream: Stream, evidence: RoomEvidence): Violation[] {
  const { quietAt } = stream;
  const position: Position | null = standing(stream);
  if (quietAt !== null && position !== null && evidence.past.has(position.epoch)) {
    const what = `${nameOf(stream)} was never told that the room it stands in is gone.`;
    return [{ validator: complete.name, what, at: [quietAt] }];
  }
  const epoch = evidence.last === null ? undefined : evidence.epochs.get(evidence.last);
  if (quietAt === null || epoch === undefined) return [];
  const from = position?.epoch === epoch.name ? position.revision : epoch.start;
  const last = Math.max(0, ...epoch.commits.keys());
  const missed = missedBetween(stream, epoch, from, last + 1, toldOf(stream));
  return missed.length === 0 ? [] : [missing(stream, missed, quietAt)];
}

function concerns({ opened: { filter } }: Stream, { puts, deletes }: KnownCommit): boolean {
  return [...puts.keys(), ...deletes].some((key) => covers(filter, key));
}

/** Single changes, by epoch and revision. */
function toldOf({ told }: Stream): Set<string> {
  return new Set(
    told.flatMap(({ event }) =>
      event.kind === "change" ? [`${event.position.epoch} ${event.position.revision}`] : [],
    ),
  );
}

function missing(stream: Stream, revisions: readonly number[], at: number): Violation {
  const what = `${nameOf(stream)} was never told of revision ${revisions.slice(0, 5).join(", ")}.`;
  return { validator: complete.name, what, at: [at] };
}
