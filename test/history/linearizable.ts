import type { EventOf, History, Validator, Violation } from "./history.ts";
import { type Found, search } from "./search.ts";
import { type Step, stepsOf } from "./steps.ts";

/**
 * The calls on each room can be put into one order in which each took effect between its beginning and its end, revisions
 * rise by one, reads show the room as it was, and a `conflict` was one.
 */
export const linearizable: Validator = {
  name: "linearizable",
  validate: (history) => stepsOf(history).flatMap((room) => violations(history, room.room, search(room))),
};

function violations(history: History, room: string, found: Found): Violation[] {
  const validator = linearizable.name;
  if (found.kind === "order") return [];
  const { step, revision } = found;
  const why = found.kind === "none" ? "has no place in any order" : "is where the search gave up for an order";
  const what = `${said(history, step)} ${why} of the calls on ${room}; behind revision ${revision}.`;
  return [{ validator, what, at: places(step) }];
}

function places({ from, to }: Step): number[] {
  return to === Infinity || to === from ? [from] : [from, to];
}

function said({ events }: History, step: Step): string {
  if (step.kind === "loss") return "The end of a life";
  const answer = events[step.to] as EventOf<"answered"> | undefined;
  const subject = step.kind === "check" ? step.call.call.request : step.request;
  return `${JSON.stringify(subject)} → ${JSON.stringify(answer?.kind === "answered" ? answer.answer : (answer ?? null))}`;
}
