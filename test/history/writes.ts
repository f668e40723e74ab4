import { type Call, callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import { type Condition, type EventOf, type History, isOpen, type WriteRequest } from "./history.ts";
import { undoesOf } from "./undoes.ts";

/** What became of a write, as far as its clients know. */
export type Fate =
  | { readonly kind: "committed"; readonly revision: number | null; readonly version: number | null }
  /** Decided, by the server or before anything was sent: it never happens. */
  | { readonly kind: "refused"; readonly code: string }
  /** It may have happened, or may happen later. */
  | { readonly kind: "open" };

/** One write: a call, or all calls with one operation id. */
export interface Write {
  readonly room: string;
  readonly user: string;
  readonly request: WriteRequest;
  readonly calls: readonly Call[];
  /** Answers to the question what became of it. */
  readonly statuses: readonly Call[];
  readonly fate: Fate;
  /** When it was asked for; and when its end was known, if it was committed or refused. */
  readonly from: number;
  readonly to: number;
}

export const writesOf = derived((history: History): readonly Write[] => {
  const calls = callsOf(history);
  const statuses = new Map<string, Call[]>();
  const byOperation = new Map<string, Call[]>();
  for (const call of calls) {
    const { request, room, call: number } = call.call;
    if (request.kind === "status") listAt(statuses, `${room} ${request.op}`).push(call);
    const isWrite = request.kind === "write" || undoesOf(history).has(number);
    if (isWrite) listAt(byOperation, call.op === null ? `${number}` : `${room} ${call.op}`).push(call);
  }
  return [...byOperation].map(([id, same]) => writeOf(history, same, statuses.get(id) ?? []));
});

function writeOf(history: History, calls: readonly Call[], statuses: readonly Call[]): Write {
  const [first] = calls;
  if (first === undefined) throw new Error("A write without a call.");
  const { room, user, call } = first.call;
  const request = first.call.request.kind === "write" ? first.call.request : undoesOf(history).get(call);
  if (request === undefined) throw new Error(`The call ${call} is no write.`);
  const { fate, to } = fateOf(calls, statuses);
  return { room, user, request, calls, statuses, fate, from: first.from, to };
}

function fateOf(calls: readonly Call[], statuses: readonly Call[]): { readonly fate: Fate; readonly to: number } {
  const ended = calls.toSorted((a, b) => a.to - b.to);
  for (const { answer, to } of ended) if (answer?.kind === "committed") return { fate: answer, to };
  for (const { answer, to } of statuses) {
    if (answer?.kind !== "status") continue;
    const { status } = answer;
    if (status.state === "committed") return { fate: { kind: "committed", ...status, version: null }, to };
    if (status.state === "refused") return { fate: { kind: "refused", code: status.code }, to };
    if (status.state === "never") return { fate: { kind: "refused", code: "never" }, to };
  }
  if (calls.some(({ code }) => code === null || isOpen(code))) return { fate: { kind: "open" }, to: Infinity };
  const last = ended.at(-1);
  return { fate: { kind: "refused", code: last?.code ?? "" }, to: last?.to ?? Infinity };
}

export interface Witnessed {
  readonly at: number;
  readonly event: EventOf<"committed">;
}

/** What the witness saw, and for which write each commit was made; of the rooms that have one. */
export interface Account {
  readonly rooms: ReadonlySet<string>;
  readonly commits: readonly Witnessed[];
  readonly commitOf: ReadonlyMap<Write, Witnessed>;
  readonly writeOf: ReadonlyMap<Witnessed, Write>;
}

/** Gives each write that was told as committed its commit, and what is left to those of which nothing is known. */
export const accountOf = derived((history: History): Account => {
  const rooms = new Set<string>();
  const commits: Witnessed[] = [];
  for (const [at, event] of history.events.entries()) {
    if (event.kind === "witnessed") rooms.add(event.room);
    if (event.kind === "committed") commits.push({ at, event });
  }
  const commitOf = new Map<Write, Witnessed>();
  const writeOf = new Map<Witnessed, Write>();
  const replaced = replacedBy(commits);
  const candidates = new Map<string, Write[]>();
  // Those that must have happened soonest come first: what is left can wait for a later commit.
  for (const write of writesOf(history).toSorted(soonest)) listAt(candidates, slot(write)).push(write);
  const assign = (commit: Witnessed, from: string): void => {
    const free = candidates.get(from);
    const found = free?.findIndex((write) => isMadeBy(commit, write, replaced.get(commit))) ?? -1;
    const [write] = found < 0 ? [] : (free?.splice(found, 1) ?? []);
    if (write === undefined) return;
    commitOf.set(write, commit);
    writeOf.set(commit, write);
  };
  for (const commit of commits) assign(commit, `${commit.event.change.revision} ${commit.event.room}`);
  for (const commit of commits) if (!writeOf.has(commit)) assign(commit, `open ${commit.event.room}`);
  return { rooms, commits, commitOf, writeOf };
});

function soonest(a: Write, b: Write): number {
  return a.to === b.to ? a.from - b.from : a.to - b.to;
}

/** Where to look for the commit of a write. */
function slot({ fate, room }: Write): string {
  return `${fate.kind === "committed" ? fate.revision : fate.kind} ${room}`;
}

/** The revisions of the keys that each commit changed, as it found them; 0 for one that was not there. */
type Replaced = ReadonlyMap<string, number>;

function replacedBy(commits: readonly Witnessed[]): ReadonlyMap<Witnessed, Replaced> {
  const current = new Map<string, number>();
  const now = (id: string): number => current.get(id) ?? 0;
  return new Map(
    commits.map((commit) => {
      const { room, epoch, change } = commit.event;
      const keys = [...change.puts.map(({ key }) => key), ...change.deletes];
      const found = new Map(keys.map((key) => [key, now(`${room} ${epoch} ${key}`)]));
      for (const { key } of change.puts) current.set(`${room} ${epoch} ${key}`, change.revision);
      for (const key of change.deletes) current.delete(`${room} ${epoch} ${key}`);
      return [commit, found];
    }),
  );
}

function isMadeBy({ at, event: { change } }: Witnessed, write: Write, replaced?: Replaced): boolean {
  const { user, request, fate, from, to } = write;
  if (fate.kind === "committed" && fate.revision !== change.revision) return false;
  if (change.by !== user || at < from || at > to) return false;
  const isBroken = (condition: Condition): boolean =>
    "revision" in condition && (replaced?.get(condition.key) ?? condition.revision) !== condition.revision;
  if (request.conditions.some(isBroken)) return false;
  const deletes = new Set(request.deletes);
  return (
    change.puts.length === request.puts.length &&
    request.puts.every(({ key, value }) => change.puts.some((put) => put.key === key && put.value === value)) &&
    change.deletes.every((key) => deletes.has(key)) &&
    change.puts.length + change.deletes.length > 0
  );
}
