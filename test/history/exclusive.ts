import type { Call } from "./calls.ts";
import { callsOf } from "./calls.ts";
import { derived, listAt } from "./derived.ts";
import type { History, Validator, Violation } from "./history.ts";
import { common, excludes, type Hold, holdsOf, holdsOn, lockCallsOf, mayBeGranted, type Stretch } from "./holds.ts";
import { accountOf, writesOf } from "./writes.ts";

/**
 * No two sessions hold one key at once where one of them holds it for itself; nothing is written past a lock, or by the
 * fence of one that is over. Fences rise, and none is of two grants.
 */
export const exclusive: Validator = {
  name: "exclusive",
  validate: (history) => [...together(history), ...past(history), ...fences(history)],
};

function together(history: History): Violation[] {
  return [...holdsOf(history).values()].flatMap((holds) => {
    const sure = holds.filter((hold) => hold.sure !== null);
    return sure.flatMap((one, i) =>
      sure.slice(i + 1).flatMap((other): Violation[] => {
        if (isOneHolder(one, other) || !excludes(one.request.mode, other.request.mode)) return [];
        const both = common(one.sure, other.sure);
        return both === null ? [] : [violation(`${nameOf(one)} and ${nameOf(other)} both hold it.`, one, other)];
      }),
    );
  });
}

function violation(what: string, ...holds: readonly Hold[]): Violation {
  return { validator: exclusive.name, what, at: holds.flatMap(({ call: { from, to } }) => [from, to]) };
}

function nameOf({ call: { call }, key, request, fence }: Hold): string {
  return `${call.client} (${request.mode} ${JSON.stringify(key)} of ${call.room}, fence ${fence})`;
}

/** What one client holds it may ask for again; but functions that it runs under locks exclude each other, too. */
function isOneHolder(a: Hold, b: Hold): boolean {
  return isOneClient(a.call, b.call) && !(a.request.isSection === true && b.request.isSection === true);
}

function isOneClient(a: Call, b: Call): boolean {
  return a.call.client === b.call.client;
}

interface Change {
  readonly call: Call;
  readonly keys: readonly string[];
  readonly fence: number | undefined;
  /** When it happened. */
  readonly when: Stretch;
}

/** What was surely changed under the locks, by whom and when. */
function changesOf(history: History): readonly Change[] {
  const { commitOf } = accountOf(history);
  const written = writesOf(history).flatMap((write): Change[] => {
    const witnessed = commitOf.get(write);
    const { fate, request, calls, from, to } = write;
    const [call] = calls;
    if (call === undefined || (witnessed === undefined && (fate.kind !== "committed" || fate.revision === null)))
      return [];
    // Without a value of its own it may be another's commit of the same deletes that is taken for this.
    if (request.puts.length === 0 && fate.kind !== "committed") return [];
    const change = witnessed?.event.change;
    const deletes =
      change?.deletes ?? (request.deletes.length === 1 && request.puts.length === 0 ? request.deletes : []);
    const keys = [...request.puts.map(({ key }) => key), ...deletes];
    const when = witnessed === undefined ? { from, to } : { from: witnessed.at, to: witnessed.at };
    return [{ call, keys, fence: request.fence, when }];
  });
  const touched = callsOf(history).flatMap((call): Change[] => {
    const { request } = call.call;
    const { answer, from, to } = call;
    if (request.kind !== "touch" || answer?.kind !== "touched" || !answer.existed) return [];
    return [{ call, keys: [request.key], fence: undefined, when: { from, to } }];
  });
  return [...written, ...touched];
}

/** Changes that a lock should have kept off. */
function past(history: History): Violation[] {
  return changesOf(history).flatMap((change) =>
    change.keys.flatMap((key): Violation[] => {
      const { call, fence, when } = change;
      const at = [call.from, ...(when.from === when.to ? [when.from] : [])];
      const holds = holdsOn(history, call.call.room, key);
      const granted = fence === undefined ? [] : holds.filter((hold) => hold.fence === fence);
      if (fence !== undefined && !granted.some(({ possible }) => possible.from <= when.to && when.from < possible.to)) {
        const what = `${call.call.client} has changed ${JSON.stringify(key)} by the fence ${fence}, which was over.`;
        return [{ validator: exclusive.name, what, at }];
      }
      const other = holds.find(
        (hold) =>
          hold.sure !== null &&
          hold.sure.from < when.from &&
          when.to < hold.sure.to &&
          !isOneClient(hold.call, call) &&
          !granted.some((own) => isOneClient(own.call, hold.call)),
      );
      if (other === undefined) return [];
      const what = `${call.call.client} has changed ${JSON.stringify(key)}, locked by ${nameOf(other)}.`;
      return [{ validator: exclusive.name, what, at: [...at, other.call.to] }];
    }),
  );
}

/** By room, the first that was told of each fence. */
const firstTold = derived((history: History): ReadonlyMap<string, readonly Hold[]> => {
  const rooms = new Map<string, Hold[]>();
  const holds = [...holdsOf(history).values()].flat().filter(({ fence }) => fence !== null);
  for (const hold of holds.sort((a, b) => a.call.to - b.call.to)) {
    const known = listAt(rooms, hold.call.call.room);
    if (!known.some(({ fence, call }) => fence === hold.fence && isOneClient(call, hold.call))) known.push(hold);
  }
  return rooms;
});

function fences(history: History): Violation[] {
  return [...firstTold(history).values()].flatMap((holds) =>
    holds.flatMap((later, i) =>
      holds.slice(0, i).flatMap((earlier): Violation[] => {
        if (earlier.fence === later.fence) {
          return [violation(`${nameOf(earlier)} and ${nameOf(later)} have one fence.`, earlier, later)];
        }
        const isBehind = earlier.call.to < later.call.from && (earlier.fence ?? 0) > (later.fence ?? 0);
        if (!isBehind || mayBeOlder(history, later)) return [];
        return [violation(`${nameOf(later)} came behind ${nameOf(earlier)}.`, earlier, later)];
      }),
    ),
  );
}

/** Whether the client may have had the grant before it asked: by an earlier request whose answer had not come. */
function mayBeOlder(history: History, { call }: Hold): boolean {
  return lockCallsOf(history).some(
    (other) =>
      other.from < call.from &&
      mayBeGranted(other) &&
      (other.answer === null || other.to > call.from) &&
      isOneClient(other, call) &&
      other.call.room === call.call.room,
  );
}
