import type { Output } from "../../protocol/outputs.ts";
import { type Call, callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import type { History, Validator, Violation } from "./history.ts";
import { streamsOf } from "./streams.ts";
import { accountOf, type Write, writesOf } from "./writes.ts";

/**
 * A write runs at most once, all answers about it agree, what was told as committed was, and what was refused, or told
 * to have `never` run, is never seen.
 */
export const outcomes: Validator = {
  name: "outcomes",
  validate: (history) =>
    writesOf(history).flatMap((write) => [
      ...disagreements(write),
      ...uncommitted(history, write),
      ...apparitions(history, write),
    ]),
};

type Status = Output<"status">;

/** All that was said of a write, as far as it was final. */
function verdicts({ calls, statuses }: Write): { readonly status: Status; readonly call: Call }[] {
  const answers = calls.flatMap((call): { status: Status; call: Call }[] => {
    if (call.answer?.kind === "committed") {
      return [{ status: { state: "committed", revision: call.answer.revision }, call }];
    }
    return call.code === "conflict" && !call.isGone ? [{ status: { state: "refused", code: "conflict" }, call }] : [];
  });
  const told = statuses.flatMap((call) =>
    call.answer?.kind === "status" ? [{ status: call.answer.status, call }] : [],
  );
  return [...answers, ...told].filter(({ status }) => status.state !== "unknown");
}

function disagreements(write: Write): Violation[] {
  const [first, ...others] = verdicts(write);
  if (first === undefined) return [];
  const said = JSON.stringify(first.status);
  const versions = new Set(write.calls.flatMap(({ answer }) => (answer?.kind === "committed" ? [answer.version] : [])));
  const other = others.find(({ status }) => !isSame(status, first.status));
  if (other === undefined && versions.size <= 1) return [];
  const call = other?.call ?? (write.calls.at(-1) as Call);
  return [violation(`${nameOf(write)} was told ${said} once and something else another time.`, first.call.to, call.to)];
}

function isSame(a: Status, b: Status): boolean {
  if (a.state === "committed") return b.state === "committed" && b.revision === a.revision;
  if (a.state === "refused") return b.state === "refused" && b.code === a.code;
  return a.state === b.state;
}

/** Success of what the witness never saw. */
function uncommitted(history: History, write: Write): Violation[] {
  const { rooms, commitOf } = accountOf(history);
  const { fate, room, to } = write;
  if (!rooms.has(room) || fate.kind !== "committed" || fate.revision === null || commitOf.has(write)) return [];
  return [violation(`${nameOf(write)} was told as committed at revision ${fate.revision}, and was not.`, to)];
}

interface Sight {
  readonly at: number;
  readonly revision: number;
}

/** Where which value was seen. */
const sightsOf = derived((history: History): ReadonlyMap<string, Sight[]> => {
  const sights = new Map<string, Sight[]>();
  type Shown = { readonly key: string; readonly value: string; readonly revision: number };
  const saw = (room: string, { key, value, revision }: Shown, at: number): void => {
    listAt(sights, JSON.stringify([room, key, value])).push({ at, revision });
  };
  for (const { room, told } of streamsOf(history)) {
    for (const { at, event } of told) if (event.kind !== "end") for (const entry of event.puts) saw(room, entry, at);
  }
  for (const { call, answer, to } of callsOf(history)) {
    if (answer?.kind !== "entries" && answer?.kind !== "page") continue;
    for (const entry of answer.entries) if (entry !== null) saw(call.room, entry, to);
  }
  for (const [at, event] of history.events.entries()) {
    if (event.kind === "committed") for (const entry of event.change.puts) saw(event.room, entry, at);
    if (event.kind === "base") for (const entry of event.entries) saw(event.room, entry, at);
  }
  return sights;
});

/** How many writes put which value. */
const timesPut = derived((history: History): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  for (const { room, request } of writesOf(history)) {
    for (const { key, value } of request.puts) {
      const name = JSON.stringify([room, key, value]);
      times.set(name, (times.get(name) ?? 0) + 1);
    }
  }
  return times;
});

/** What was refused is seen, or what was asked for once is seen at two revisions. */
function apparitions(history: History, write: Write): Violation[] {
  return write.request.puts.flatMap(({ key, value }): Violation[] => {
    const name = JSON.stringify([write.room, key, value]);
    if (timesPut(history).get(name) !== 1) return [];
    const [first, ...others] =
      sightsOf(history)
        .get(name)
        ?.filter(({ at }) => at > write.from) ?? [];
    if (first === undefined) return [];
    if (write.fate.kind === "refused") {
      return [violation(`${nameOf(write)} was told as ${write.fate.code}, and happened.`, write.to, first.at)];
    }
    const again = others.find(({ revision }) => revision !== first.revision);
    if (again !== undefined) return [violation(`${nameOf(write)} ran twice.`, first.at, again.at)];
    const { fate } = write;
    const isElsewhere = fate.kind === "committed" && fate.revision !== first.revision;
    return isElsewhere
      ? [violation(`${nameOf(write)} happened at another revision than it was told.`, write.to, first.at)]
      : [];
  });
}

function nameOf({ calls: [first], request }: Write): string {
  return `The write ${first?.call.call} of ${first?.call.client} (${JSON.stringify(request.puts)})`;
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: outcomes.name, what, at: at.filter((place) => place !== Infinity) };
}
