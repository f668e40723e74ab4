import { type Call, callsOf } from "./calls.ts";
import { derived } from "./derived.ts";
import { type History, isOpen, type Validator, type Violation } from "./history.ts";
import { LATE_MS, sessionAt } from "./sessions.ts";
import { timeOf } from "./times.ts";
import { type Value, valuesOf } from "./values.ts";

/**
 * A value goes by itself when its time is over, as one delete by `system`, and not otherwise: not early, not late, not
 * twice; the time is that of its put or of the last touch, and another put ends it.
 */
export const expires: Validator = {
  name: "expires",
  validate: (history) => {
    if (history.times === undefined) return [];
    const { values, empty } = valuesOf(history);
    return [
      ...empty.map(({ at, room, key }) => violation(`${JSON.stringify(key)} of ${room} was not there to expire.`, at)),
      ...values.flatMap((value) => untimely(history, value)),
    ];
  },
};

/** A time of which a value was told that it goes then, and where that can have taken effect. */
interface Term {
  readonly from: number;
  readonly to: number;
  /** Ms by the history's clock; Infinity where it was told to stay. */
  readonly earliest: number;
  readonly latest: number;
}

function untimely(history: History, value: Value): Violation[] {
  const { key, room, there, end } = value;
  const last = Math.min(there.to, history.events.length - 1);
  const now = timeOf(history, last);
  const terms = termsOf(history, value, last);
  const latest = Math.max(...terms.map((term) => term.latest));
  if (latest + LATE_MS < now) {
    return [
      violation(`${JSON.stringify(key)} of ${room} was to go ${now - latest} ms ago, and was there.`, there.from, last),
    ];
  }
  if (end !== "deleted" || goesWithSession(history, value)) return [];
  if (terms.some(({ earliest }) => earliest <= now)) return [];
  return [violation(`${JSON.stringify(key)} of ${room} has gone too early.`, there.from, last)];
}

/** Those that may hold at the end: of the put, or of touches behind it. */
function termsOf(history: History, { room, key, life, there }: Value, last: number): readonly Term[] {
  const due = life.ttlMs === undefined ? Infinity : timeOf(history, there.from) + life.ttlMs;
  const put: Term = { from: there.from, to: there.from, earliest: due, latest: due };
  const touches = touchesOf(history).filter(
    ({ call, from, to, answer }) =>
      call.room === room && call.request.key === key && from < last && (answer === null || to > there.from),
  );
  const sure = touches.filter(({ answer, from, to }) => answer !== null && from > there.from && to < last);
  const terms = [put, ...touches.map((touch) => termOf(history, touch))];
  return terms.filter((term) => !sure.some(({ from }) => from > term.to));
}

function termOf(history: History, { call, from, to, answer }: Touch): Term {
  const { ttlMs } = call.request;
  const isKnown = answer !== null;
  const earliest = ttlMs === null ? Infinity : timeOf(history, from) + ttlMs;
  const latest = ttlMs === null || !isKnown ? Infinity : timeOf(history, to) + ttlMs;
  return { from, to: isKnown ? to : Infinity, earliest, latest };
}

type Touch = Call & { readonly call: { readonly request: { readonly kind: "touch" } } };

/** Those that did, or may have done, something. */
const touchesOf = derived((history: History): readonly Touch[] =>
  callsOf(history).filter((call): call is Touch => {
    if (call.call.request.kind !== "touch") return false;
    return call.answer === null
      ? call.code === null || isOpen(call.code)
      : call.answer.kind === "touched" && call.answer.existed;
  }),
);

/** Whether its session may have taken it along: `kept` judges that. */
function goesWithSession(history: History, { life, write, there }: Value): boolean {
  const [call] = write?.calls ?? [];
  return life.ephemeral === true && call !== undefined && sessionAt(history, call.call.client, there.from) !== null;
}

function violation(what: string, ...at: number[]): Violation {
  return { validator: expires.name, what, at };
}
