/** What a room's linearization is made of: each call as a step that takes effect once between two times. */
import type { Entry } from "../../protocol/fields.ts";
import { type Call, callsOf } from "./calls.ts";
import type { KnownCommit } from "./epoch.ts";
import { evidenceOf } from "./evidence.ts";
import type { History, WriteRequest } from "./history.ts";
import { type Loss, livesBetween, lossesOf } from "./lives.ts";
import { RoomModel } from "./room-model.ts";
import { accountOf, type Write, writesOf } from "./writes.ts";

interface Timed {
  readonly from: number;
  /** Infinity where it may also never take effect. */
  readonly to: number;
  /** In which lives of the room it can have taken effect. */
  readonly firstLife: number;
  readonly lastLife: number;
}

/** Changes nothing; holds or does not. */
type Check = Timed & { readonly kind: "check"; readonly call: Call; readonly holds: (model: RoomModel) => boolean };

export type CommitStep = Timed & {
  readonly kind: "commit";
  readonly request: WriteRequest;
  readonly by: string;
  /** Null where nobody knows. */
  readonly revision: number | null;
  readonly version: number | null;
};

export type Step = Check | CommitStep | (Timed & { readonly kind: "loss" });

export interface RoomSteps {
  readonly room: string;
  /** In the order of `from`. */
  readonly steps: readonly Step[];
  /** As it was before the first step. */
  readonly base: () => RoomModel;
  readonly hints: Hints;
}

/** What watches say of commits: where to look first, and no more, as watches may be wrong. */
export interface Hints {
  at(life: number, revision: number): KnownCommit | undefined;
  /** Whether the value was put at some revision. */
  knows(key: string, value: string): boolean;
}

/** The steps of each room. With a witness, commits have their exact times. */
export function stepsOf(history: History): readonly RoomSteps[] {
  const rooms = new Set(callsOf(history).map(({ call }) => call.room));
  const writes = writesOf(history);
  return [...rooms].map((room) => {
    const losses = lossesOf(history, room);
    const timed = (from: number, to: number): Timed => {
      const { first, last } = livesBetween(losses, from, to);
      return { from, to, firstLife: first, lastLife: last };
    };
    const steps: Step[] = [
      ...losses.map(({ from, to }): Step => ({ kind: "loss", ...timed(from, to) })),
      ...callsOf(history).flatMap((call) => (call.call.room === room ? readStep(call, timed) : [])),
      ...writes.flatMap((write) => (write.room === room ? writeStep(history, write, losses, timed) : [])),
      ...strangers(history, room, timed),
    ];
    const base = (): RoomModel => baseOf(history, room);
    return { room, steps: steps.sort((a, b) => a.from - b.from), base, hints: hintsOf(history, room) };
  });
}

type Timing = (from: number, to: number) => Timed;

function readStep(call: Call, timed: Timing): Step[] {
  const { answer, from, to } = call;
  if (answer?.kind !== "entries" && answer?.kind !== "page") return [];
  const holds = (model: RoomModel): boolean => model.allows(call.call.request, answer);
  return [{ kind: "check", call, holds, ...timed(from, to) }];
}

function writeStep(history: History, write: Write, losses: readonly Loss[], timed: Timing): Step[] {
  const { request, user: by, fate, from, to, calls } = write;
  const call = calls.at(-1) as Call;
  const { rooms, commitOf } = accountOf(history);
  const witnessed = commitOf.get(write);
  const committed = { kind: "commit", request, by } as const;
  if (witnessed !== undefined) {
    const { at, event } = witnessed;
    const version = fate.kind === "committed" ? fate.version : null;
    return [{ ...committed, revision: event.change.revision, version, ...timed(at, at) }];
  }
  switch (fate.kind) {
    case "committed": {
      const { revision, version } = fate;
      if (revision !== null) return [{ ...committed, revision, version, ...timed(from, to) }];
      const holds = (model: RoomModel): boolean =>
        model.holds(request) ? !model.isEffective(request) : request.isTransaction === true;
      return [{ kind: "check", call, holds, ...timed(from, to) }];
    }
    case "refused": {
      // It may have been that it would have waited for ever.
      if (request.waitMs !== undefined) return [];
      const isDecided = write.statuses.length > 0 || calls.some(({ code, isGone }) => code === "conflict" && !isGone);
      if (fate.code !== "conflict" || !isDecided) return [];
      return [{ kind: "check", call, holds: (model) => !model.holds(request), ...timed(from, to) }];
    }
    case "open": {
      if (rooms.has(write.room)) return [];
      const { firstLife } = timed(from, to);
      const lastLife = lastLifeOf(write, losses);
      return [{ ...committed, revision: null, version: null, from, to, firstLife, lastLife }];
    }
  }
}

/** What was given up before the server stopped had been sent to that server, and went with it. */
function lastLifeOf({ calls }: Write, losses: readonly Loss[]): number {
  const givenUp = Math.max(...calls.map(({ to }) => to));
  const restart = losses.findIndex(({ isRestart, from }) => isRestart && from > givenUp);
  return restart < 0 ? losses.length : restart;
}

/** Commits that no recorded call asked for: the end of a room by `system`, or what a test commits past all clients. */
function strangers(history: History, room: string, timed: Timing): Step[] {
  const { commits, writeOf } = accountOf(history);
  return commits.flatMap((commit): Step[] => {
    const { at, event } = commit;
    if (event.room !== room || writeOf.has(commit)) return [];
    const { puts, deletes, by, revision } = event.change;
    const request: WriteRequest = {
      kind: "write",
      puts: puts.map(({ key, value }) => ({ key, value })),
      deletes,
      conditions: [],
    };
    return [{ kind: "commit", request, by, revision, version: null, ...timed(at, at) }];
  });
}

function hintsOf(history: History, room: string): Hints {
  const evidence = evidenceOf(history).get(room);
  const commits = [...(evidence?.epochs.values() ?? [])].flatMap((epoch) => [...epoch.commits.values()]);
  const put = commits.flatMap(({ puts }) => [...puts].map(([key, { value }]) => JSON.stringify([key, value])));
  const known = new Set(put);
  return {
    at: (life, revision) => evidence?.epochs.get(evidence.lives.get(life) ?? "")?.commits.get(revision),
    knows: (key, value) => known.has(JSON.stringify([key, value])),
  };
}

function baseOf({ events }: History, room: string): RoomModel {
  for (const event of events) {
    if (event.kind === "base" && event.room === room) return new RoomModel(event.position.revision, event.entries);
  }
  return new RoomModel();
}

/** Values that reads have shown, and so which commit of which life must have put them. */
export function shownTo({ steps }: RoomSteps): readonly { readonly life: number; readonly entry: Entry }[] {
  return steps.flatMap((step) => {
    if (step.kind !== "check" || step.firstLife !== step.lastLife) return [];
    const { answer } = step.call;
    const entries = answer?.kind === "entries" || answer?.kind === "page" ? answer.entries : [];
    return entries.flatMap((entry) => (entry === null ? [] : [{ life: step.firstLife, entry }]));
  });
}
