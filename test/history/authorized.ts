import { callsOf } from "./calls.ts";
import { evidenceOf } from "./evidence.ts";
import type { History, Validator, Violation } from "./history.ts";
import { guestTimes, type Span } from "./rights.ts";
import { covers, type Moved, movesOf, nameOf, type Stream, streamsOf } from "./streams.ts";

/**
 * Whoever is no manager sees nothing of another's room that happened, or was asked for, after that was answered; nobody
 * is told of a key or a room that he did not ask for, and a client that is closed is told nothing.
 *
 * What was on its way when a role was lost may still arrive: that is no violation.
 */
export const authorized: Validator = {
  name: "authorized",
  validate: (history) => [
    ...streamsOf(history).flatMap((stream) => [...unasked(stream), ...forbiddenEvents(history, stream)]),
    ...forbiddenAnswers(history),
    ...afterGoing(history),
  ],
};

function unasked(stream: Stream): Violation[] {
  const { room, filter } = stream.opened;
  return stream.told.flatMap(({ at, event }): Violation[] => {
    if (room !== "*" && event.room !== room) return [violation(`${nameOf(stream)} was told of ${event.room}.`, at)];
    if (event.kind === "end") return [];
    const others = [...event.puts.map(({ key }) => key), ...event.deletes].filter((key) => !covers(filter, key));
    return others.length === 0 ? [] : [violation(`${nameOf(stream)} was told of ${JSON.stringify(others)}.`, at)];
  });
}

function forbiddenEvents(history: History, stream: Stream): Violation[] {
  const { user, room } = stream.opened;
  if (room === user) return [];
  const spans = guestTimes(history).get(user) ?? [];
  return movesOf(stream).flatMap(({ move }): Violation[] => {
    const span = spans.find(({ from, to }) => from < move.at && move.at < to);
    if (span === undefined || !isAskedOrNew(history, stream, move, span)) return [];
    return [violation(`${nameOf(stream)} goes on though ${user} is no manager any more.`, span.from, move.at)];
  });
}

/** Whether it must have been asked for, or must have happened, after the rights were lost. */
function isAskedOrNew(history: History, stream: Stream, { at, event }: Moved, { from }: Span): boolean {
  if (stream.openedAt > from) return true;
  for (let place = from; place < at; place++) {
    const other = history.events[place];
    const isAskedAgain = other?.kind === "state" && (other.state === "resuming" || other.state === "connecting");
    if (isAskedAgain && other.watch === stream.opened.watch && isHeardAtOnce(history, at)) return true;
  }
  const commits = evidenceOf(history).get(stream.room)?.epochs.get(event.position.epoch)?.commits;
  const revisions = [event.position.revision, ...event.puts.map(({ revision }) => revision)];
  return revisions.some((revision) => (commits?.get(revision)?.notBefore ?? 0) > from);
}

function isHeardAtOnce({ events }: History, at: number): boolean {
  const event = events[at];
  return event?.kind === "told" && event.by === "listener";
}

function forbiddenAnswers(history: History): Violation[] {
  return callsOf(history).flatMap(({ call, answer, from, to }): Violation[] => {
    // What became of his own write, anybody may ask.
    if (answer === null || answer.kind === "status" || call.room === call.user) return [];
    const spans = guestTimes(history).get(call.user) ?? [];
    if (!spans.some((span) => span.from < from && to < span.to)) return [];
    const what = `${call.client} was answered about the room ${call.room} though ${call.user} is no manager.`;
    return [violation(what, from, to)];
  });
}

function afterGoing({ events }: History): Violation[] {
  const gone = new Map<string, number>();
  const clientOf = new Map<number, string>();
  return events.flatMap((event, at): Violation[] => {
    if (event.kind === "gone") gone.set(event.client, at);
    if (event.kind === "opened") clientOf.set(event.watch, event.client);
    if (event.kind !== "told" || event.by === "iterator") return [];
    const client = clientOf.get(event.watch) ?? "";
    const end = gone.get(client);
    return end === undefined ? [] : [violation(`${client} was told something after it was closed.`, end, at)];
  });
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: authorized.name, what, at };
}
