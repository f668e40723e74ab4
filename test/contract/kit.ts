/** Words in which the engine contract is written. */
import type { Position } from "../../protocol/fields.ts";
import type { RoomLimits } from "../../protocol/limits.ts";
import type { Clock, Commit, Engine, Operation, OperationId, Outcome } from "../../server/engine/port.ts";

export type MakeEngine = (limits?: Partial<RoomLimits>, clock?: Clock) => Engine;

type Outcomes = { readonly [O in Outcome as O["kind"]]: O };
type ListOptions = { readonly prefix?: string; readonly after?: string; readonly limit?: number };

export function commit(parts: Partial<Commit>): Commit {
  return { kind: "commit", by: "ann", puts: [], deletes: [], conditions: [], ...parts };
}

export function put(key: string, value: string, parts: Partial<Commit> = {}): Commit {
  return commit({ puts: [{ key, value }], ...parts });
}

export function remove(key: string, parts: Partial<Commit> = {}): Commit {
  return commit({ deletes: [key], ...parts });
}

/** The condition that `key` is at `revision`, as part of a commit. */
export function given(key: string, revision: number): Pick<Commit, "conditions"> {
  return { conditions: [{ key, revision }] };
}

export function read(...keys: readonly string[]): Operation {
  return { kind: "read", keys };
}

export function list({ prefix = "", limit = 1000, ...rest }: ListOptions = {}): Operation {
  return { kind: "list", prefix, limit, ...rest };
}

export function replay(from: Position): Operation {
  return { kind: "replay", from };
}

export function status(id: OperationId): Operation {
  return { kind: "status", id };
}

/** Runs a batch of one. */
export async function ask(engine: Engine, room: string, operation: Operation): Promise<Outcome> {
  const outcomes = await engine.run(room, [operation]);
  if (outcomes.length !== 1) throw new Error(`One operation had ${outcomes.length} outcomes.`);
  return outcomes[0] as Outcome;
}

/** The outcome, if it is of the kind that the test goes on with. */
export function expectKind<K extends keyof Outcomes>(outcome: Outcome | undefined, kind: K): Outcomes[K] {
  if (outcome?.kind !== kind) throw new Error(`Expected ${kind}, got ${JSON.stringify(outcome)}`);
  return outcome as Outcomes[K];
}

export async function pageOf(engine: Engine, room: string, options: ListOptions = {}): Promise<Outcomes["page"]> {
  return expectKind(await ask(engine, room, list(options)), "page");
}

export async function keysOf(engine: Engine, room: string, options: ListOptions = {}): Promise<string[]> {
  return (await pageOf(engine, room, options)).entries.map(({ key }) => key);
}

export async function positionOf(engine: Engine, room: string): Promise<Position> {
  return (await pageOf(engine, room, { limit: 1 })).position;
}

export async function valuesOf(engine: Engine, room: string, ...keys: string[]): Promise<(string | null)[]> {
  const { entries } = expectKind(await ask(engine, room, read(...keys)), "entries");
  return entries.map((entry) => entry?.value ?? null);
}
