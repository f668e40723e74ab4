/** What undoing came to: a write that puts back what was there before, where nothing has changed since. */
import { type Call, callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import { type History, isOpen, type WriteRequest } from "./history.ts";

/** What a commit changed: each key with the value that it had before, null for none. */
interface Changed {
  readonly revision: number;
  readonly puts: ReadonlyMap<string, string | null>;
  readonly deletes: ReadonlyMap<string, string | null>;
}

interface Committed {
  readonly at: number;
  readonly by: string;
  readonly revision: number;
  readonly request: WriteRequest;
  /** Of the same life of the room, up to here. */
  readonly earlier: ReadonlyMap<number, Changed>;
}

/** By number of the call. Only where a witness saw the commits can this be told. */
export const undoesOf = derived((history: History): ReadonlyMap<number, WriteRequest> => {
  const undoes = new Map<number, WriteRequest>();
  for (const call of callsOf(history)) {
    if (call.call.request.kind !== "undo" || (call.code !== null && !isOpen(call.code))) continue;
    const request = requestOf(history, call, call.call.request.revision);
    if (request !== null) undoes.set(call.call.call, request);
  }
  return undoes;
});

/** Null where it has not happened; no change at all where that was told and nobody saw it. */
function requestOf(history: History, { call, answer, from, to }: Call, undone: number): WriteRequest | null {
  const told = answer?.kind === "committed" ? answer.revision : null;
  for (const { at, by, revision, request, earlier } of committedIn(history).get(call.room) ?? []) {
    const record = earlier.get(undone);
    if (at < from || by !== call.user || record === undefined) continue;
    if (answer !== null && (at > to || revision !== told)) continue;
    const inverse = inverseOf(record);
    if (isSame(inverse, request)) return inverse;
  }
  return answer === null ? null : { kind: "write", puts: [], deletes: [], conditions: [] };
}

function inverseOf({ revision, puts, deletes }: Changed): WriteRequest {
  const before = [...puts, ...deletes];
  return {
    kind: "write",
    puts: before.flatMap(([key, value]) => (value === null ? [] : [{ key, value }])),
    deletes: before.flatMap(([key, value]) => (value === null ? [key] : [])),
    conditions: [
      ...[...puts.keys()].map((key) => ({ key, revision })),
      ...[...deletes.keys()].map((key) => ({ key, revision: 0 })),
    ],
  };
}

function isSame(a: WriteRequest, b: WriteRequest): boolean {
  const textOf = ({ puts, deletes }: WriteRequest): string =>
    JSON.stringify([puts.map(({ key, value }) => [key, value]).sort(), deletes.toSorted()]);
  return textOf(a) === textOf(b);
}

/** By room. */
const committedIn = derived(({ events }: History): ReadonlyMap<string, readonly Committed[]> => {
  const rooms = new Map<string, Committed[]>();
  const lives = new Map<string, { readonly values: Map<string, string>; readonly log: Map<number, Changed> }>();
  for (const [at, event] of events.entries()) {
    if (event.kind !== "committed") continue;
    const { puts, deletes, by, revision } = event.change;
    const name = `${event.room} ${event.epoch}`;
    const life = lives.get(name) ?? { values: new Map<string, string>(), log: new Map<number, Changed>() };
    lives.set(name, life);
    const before = (key: string) => [key, life.values.get(key) ?? null] as const;
    life.log.set(revision, {
      revision,
      puts: new Map(puts.map(({ key }) => before(key))),
      deletes: new Map(deletes.map(before)),
    });
    for (const { key, value } of puts) life.values.set(key, value);
    for (const key of deletes) life.values.delete(key);
    const request: WriteRequest = {
      kind: "write",
      puts: puts.map(({ key, value }) => ({ key, value })),
      deletes,
      conditions: [],
    };
    listAt(rooms, event.room).push({ at, by, revision, request, earlier: life.log });
  }
  return rooms;
});
