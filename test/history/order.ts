import type { History, Validator, Violation } from "./history.ts";
import { movesOf, nameOf, streamsOf } from "./streams.ts";

/** Each watch has its changes in the order of their revisions, behind its beginning, and nothing after its end. */
export const ordered: Validator = {
  name: "ordered",
  validate: (history) => [...late(history, "ordered"), ...afterTheEnd(history)],
};

/** Each watch is told each change once. */
export const unique: Validator = { name: "unique", validate: (history) => late(history, "unique") };

/** Changes that come where the watch is past them: again, or for the first time. */
function late(history: History, validator: "ordered" | "unique"): Violation[] {
  return streamsOf(history).flatMap((stream) => {
    const told = new Map<string, number>();
    return movesOf(stream).flatMap(({ before, move: { at, event } }): Violation[] => {
      if (event.kind !== "change") return [];
      const { epoch, revision } = event.position;
      const first = told.get(`${epoch} ${revision}`);
      told.set(`${epoch} ${revision}`, first ?? at);
      if (first !== undefined) {
        const what = `${nameOf(stream)} was told revision ${revision} twice.`;
        return validator === "unique" ? [{ validator, what, at: [first, at] }] : [];
      }
      const isLate = before === null || (before.epoch === epoch && revision <= before.revision);
      if (!isLate || validator === "unique") return [];
      const where = before === null ? "before its beginning" : `at revision ${before.revision}`;
      return [{ validator, what: `${nameOf(stream)} was told revision ${revision} ${where}.`, at: [at] }];
    });
  });
}

function afterTheEnd({ events }: History): Violation[] {
  const closed = new Map<number, number>();
  return events.flatMap((event, at): Violation[] => {
    if (event.kind === "state" && event.state === "closed") closed.set(event.watch, at);
    if (event.kind !== "told" || event.by === "iterator") return [];
    const end = closed.get(event.watch);
    const what = `The watch ${event.watch} was told something after it was closed.`;
    return end === undefined ? [] : [{ validator: ordered.name, what, at: [end, at] }];
  });
}
