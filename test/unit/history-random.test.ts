/** Histories of servers that are right pass; with one answer changed, they do not. */
import { expect, test } from "@jest/globals";
import type { Entry } from "../../protocol/fields.ts";
import { check, report } from "../history/check.ts";
import { Example, type ExampleOptions } from "../history/example.ts";
import type { EventOf, HistoryEvent } from "../history/history.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";

const PLAIN: ExampleOptions = {
  clients: 6,
  calls: 60,
  rooms: 2,
  keys: 4,
  watches: 6,
  isWitnessed: false,
  restarts: false,
  lost: 0,
};
const KINDS: Readonly<Record<string, Partial<ExampleOptions>>> = {
  "nothing is lost": {},
  "answers are lost": { lost: 8 },
  "answers are lost and servers restart": { lost: 8, restarts: true },
  "a witness follows": { lost: 8, restarts: true, isWitnessed: true },
};
const SEEDS = [...Array.from({ length: 9 }, (_, i) => i + 1), freshSeed()];

test.each(SEEDS.flatMap((seed) => Object.keys(KINDS).map((kind) => [seed, kind] as const)))(
  "seed %i, %s: a right history passes",
  (seed, kind) => {
    const history = new Example(seededRandom(seed), { ...PLAIN, ...KINDS[kind] }).run();
    expect(report(history, check(history))).toBe("");
  },
);

/** Changes one event so that nothing right can look like that; null where it is another kind of event. */
const LIES: Readonly<Record<string, (event: HistoryEvent) => HistoryEvent[] | null>> = {
  "a write's revision": (event) => committed(event, (answer) => ({ ...answer, revision: (answer.revision ?? 0) + 1 })),
  "a write's version": (event) =>
    committed(event, (answer) => (answer.version === null ? null : { ...answer, version: answer.version + 1 })),
  "a read value": (event) => read(event, (entry) => ({ ...entry, value: "?" })),
  "a read version": (event) => read(event, (entry) => ({ ...entry, version: entry.version + 1 })),
  "a read revision": (event) => read(event, (entry) => ({ ...entry, revision: entry.revision + 1 })),
  "a read author": (event) => read(event, (entry) => ({ ...entry, updatedBy: `${entry.updatedBy}?` })),
  "a change that comes twice": (event) => (isChange(event) ? [event, event] : null),
  "a told value": (event) =>
    isChange(event) && event.event.puts.length > 0
      ? [{ ...event, event: { ...event.event, puts: event.event.puts.map((entry) => ({ ...entry, value: "?" })) } }]
      : null,
};

type Committed = EventOf<"answered">["answer"] & { readonly kind: "committed" };

function committed(event: HistoryEvent, lie: (answer: Committed) => Committed | null): HistoryEvent[] | null {
  if (event.kind !== "answered" || event.answer.kind !== "committed" || event.answer.revision === null) return null;
  const answer = lie(event.answer);
  return answer === null ? null : [{ ...event, answer }];
}

function read(event: HistoryEvent, lie: (entry: Entry) => Entry): HistoryEvent[] | null {
  if (event.kind !== "answered" || event.answer.kind !== "entries") return null;
  const entries = event.answer.entries.map((entry) => entry && lie(entry));
  return entries.every((entry) => entry === null) ? null : [{ ...event, answer: { ...event.answer, entries } }];
}

function isChange(event: HistoryEvent): event is EventOf<"told"> & { event: { kind: "change" } } {
  return event.kind === "told" && event.event.kind === "change";
}

/** The history with one event of that kind changed. */
function lied(random: Random, events: readonly HistoryEvent[], name: string): HistoryEvent[] {
  const lie = LIES[name] ?? (() => null);
  const places = events.flatMap((event, at) => (lie(event) === null ? [] : [at]));
  const place = random.pick(places);
  return events.flatMap((event, at) => (at === place ? (lie(event) ?? []) : [event]));
}

/** Elsewhere a lie may be hidden by what nobody knows. */
const CLEAR = ["nothing is lost", "a witness follows"] as const;
const CASES = Object.keys(LIES).flatMap((lie) => CLEAR.map((kind) => [kind, lie] as const));

test.each(SEEDS.map((seed) => [seed]))("seed %i: every lie is noticed", (seed) => {
  for (const [kind, lie] of CASES) {
    const random = seededRandom(seed);
    const { events } = new Example(random, { ...PLAIN, calls: 30, ...KINDS[kind] }).run();
    expect([kind, lie, check({ events: lied(random, events, lie) })]).not.toEqual([kind, lie, []]);
  }
});

test("20 clients with 200 calls each are judged quickly", () => {
  const options = { ...PLAIN, clients: 20, calls: 200, rooms: 4, keys: 8, watches: 12 };
  for (const kind of Object.values(KINDS)) {
    const history = new Example(seededRandom(1), { ...options, ...kind }).run();
    const begun = performance.now();
    expect(report(history, check(history))).toBe("");
    console.info(`${history.events.length} events: ${Math.round(performance.now() - begun)} ms`);
  }
});
