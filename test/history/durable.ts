import { type Call, callsOf } from "./calls.ts";
import { derived } from "./derived.ts";
import type { History, Validator, Violation } from "./history.ts";
import { lossesOf } from "./lives.ts";

/** The one word that this version's servers have: a restart may take what was acknowledged. */
const MEMORY = "memory";

const sessionsOf = derived(({ events }: History) =>
  events.flatMap((event, at) => (event.kind === "session" ? [{ ...event, at }] : [])),
);

/** No session says of durability what this version's servers do not know. */
export const candid: Validator = {
  name: "candid",
  validate: (history) =>
    sessionsOf(history).flatMap(({ client, durability, at }) => {
      const what = `${client} was told the durability ${JSON.stringify(durability)}, which no server has.`;
      return durability === MEMORY ? [] : [{ validator: candid.name, what, at: [at] }];
    }),
};

/**
 * Where a session said more than `memory`, no restart takes what was acknowledged in it. This is seen, and not concluded
 * from the word: a page from behind the restart is short of the write's revision. That the life behind a restart that
 * took something has another epoch is for `resumable`, whatever was said.
 */
export const durable: Validator = {
  name: "durable",
  validate: (history) =>
    callsOf(history).flatMap((write): Violation[] => {
      const { answer, call, to } = write;
      const told = sessionsOf(history).findLast(({ client, at }) => client === call.client && at < to);
      if (told === undefined || told.durability === MEMORY || answer?.kind !== "committed") return [];
      const revision = answer.revision ?? 0;
      const page = callsOf(history).find((other) => isShort(other, revision) && isBehindRestart(history, write, other));
      const word = JSON.stringify(told.durability);
      const what = `A restart took revision ${revision} of ${call.room}, told to ${call.client} as of durability ${word}.`;
      return page === undefined ? [] : [{ validator: durable.name, what, at: [told.at, to, page.to] }];
    }),
};

function isShort({ answer }: Call, revision: number): boolean {
  return answer?.kind === "page" && answer.position.revision < revision;
}

/** Whether, of the same room, the server was restarted between the two, and the room not deleted. */
function isBehindRestart(history: History, { call: { room }, from, to }: Call, page: Call): boolean {
  const losses = lossesOf(history, room).filter((loss) => loss.to > from && loss.from < page.to);
  const isRestarted = losses.some((loss) => loss.from > to && loss.to < page.from);
  return page.call.room === room && isRestarted && losses.every((loss) => loss.isRestart);
}
