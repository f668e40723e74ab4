/** What the requests on a room's keys ask of the engine, and what its outcomes are in the contract's words. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Commit, Condition, Operation, OperationId, Outcome, Refused, Step, StepResult } from "../engine/port.ts";
import type { Caller, RoomAction } from "./access.ts";

export type RoomRequest = "get" | "read" | "list" | "history" | "put" | "delete" | "write" | "transact";

interface Translation<N extends RoomRequest> {
  readonly action: RoomAction;
  /**
   * @param counter of the operation id, which the input must not have then
   * @throws KeyroomError `forbidden` for an operation id of another session, `invalid` for one that comes twice
   */
  operation(caller: Caller, input: Input<N>, counter?: number): Operation;
  /** @throws KeyroomError as the engine has refused */
  answer(outcome: Outcome | undefined): Output<N>;
}

export const TRANSLATIONS: { readonly [N in RoomRequest]: Translation<N> } = {
  get: {
    action: "read",
    operation: (_caller, { key }) => ({ kind: "read", keys: [key] }),
    answer: (outcome) => expect(outcome, "entries").entries[0] ?? null,
  },
  read: {
    action: "read",
    operation: (_caller, { keys }) => ({ kind: "read", keys }),
    answer: (outcome) => {
      const { entries, revision } = expect(outcome, "entries");
      return { entries: entries.filter((entry) => entry !== null), revision };
    },
  },
  list: {
    action: "read",
    operation: (_caller, { prefix = "", after, limit = FIXED_LIMITS.pageEntries }) => ({
      kind: "list",
      prefix,
      ...(after === undefined ? {} : { after }),
      limit,
    }),
    answer: (outcome) => {
      const { entries, more, position } = expect(outcome, "page");
      return { entries: [...entries], more, position };
    },
  },
  history: {
    action: "read",
    operation: (_caller, { key, before = Number.POSITIVE_INFINITY, limit = FIXED_LIMITS.pageEntries }) => ({
      kind: "history",
      key,
      before,
      limit,
    }),
    answer: (outcome) => {
      const { changes, more, reaches, position } = expect(outcome, "history");
      return { changes: [...changes], more, reaches, position };
    },
  },
  put: {
    action: "write",
    operation: (caller, { key, value, ifRevision, op }, counter) =>
      commit(caller, { puts: [{ key, value }], conditions: atRevision(key, ifRevision) }, op, counter),
    answer: (outcome) => {
      const { revision, version } = expect(outcome, "committed");
      // A put always commits something.
      return { revision: revision ?? 0, version };
    },
  },
  delete: {
    action: "write",
    operation: (caller, { key, ifRevision, op }, counter) =>
      commit(caller, { deletes: [key], conditions: atRevision(key, ifRevision) }, op, counter),
    answer: (outcome) => {
      const { revision } = expect(outcome, "committed");
      return { revision, existed: revision !== null };
    },
  },
  write: {
    action: "write",
    operation: (caller, { puts, deletes, if: conditions, op }, counter) =>
      commit(caller, { puts, deletes, conditions: conditions?.map(conditionOf) }, op, counter),
    answer: (outcome) => ({ revision: expect(outcome, "committed").revision }),
  },
  /** Who may write to a room may also read it. */
  transact: {
    action: "write",
    operation: (caller, { if: conditions = NONE, then, else: otherwise = NONE, op }, counter) => ({
      kind: "transact",
      by: caller.user,
      conditions: conditions.map(conditionOf),
      steps: then.map(stepOf),
      otherwise: otherwise.map(stepOf),
      ...own(caller, op, counter),
    }),
    answer: (outcome) => {
      const { succeeded, revision, results } = expect(outcome, "transacted");
      return { succeeded, revision, results: results?.map((result) => told(result, revision)) ?? null };
    },
  },
};

export function isRoomRequest(name: string): name is RoomRequest {
  return Object.hasOwn(TRANSLATIONS, name);
}

function commit(
  caller: Caller,
  {
    puts = NONE,
    deletes = NONE,
    conditions = NONE,
  }: { [P in "puts" | "deletes" | "conditions"]?: Commit[P] | undefined },
  op: string | undefined,
  counter: number | undefined,
): Operation {
  return { kind: "commit", by: caller.user, puts, deletes, conditions, ...own(caller, op, counter) };
}

function atRevision(key: string, revision: number | undefined): readonly Condition[] {
  return revision === undefined ? NONE : [{ key, revision }];
}

type Asked = NonNullable<Input<"transact">["if"]>[number];

function conditionOf({ key, revision = 0, equals }: Asked): Condition {
  return equals === undefined ? { key, revision } : { key, equals };
}

function stepOf({ get, put, value = "", delete: gone = "" }: Input<"transact">["then"][number]): Step {
  if (get !== undefined) return { kind: "get", key: get };
  return put === undefined ? { kind: "delete", key: gone } : { kind: "put", key: put, value };
}

/** As the request of this kind is answered. */
function told(result: StepResult, revision: number | null) {
  switch (result.kind) {
    case "got":
      return result.entry;
    case "put":
      // A put always commits something.
      return { revision: revision ?? 0, version: result.version };
    case "deleted":
      return { revision: result.existed ? revision : null, existed: result.existed };
  }
}

const NONE: readonly never[] = [];

/** The outcome, if it is of the kind that the operation asks for. */
export function expect<K extends Outcome["kind"]>(
  outcome: Outcome | undefined,
  kind: K,
): Extract<Outcome, { kind: K }> {
  if (outcome?.kind === "refused") throw refused(outcome);
  if (!isKind(outcome, kind)) throw new KeyroomError("internal", "The engine gave an answer of the wrong kind.");
  return outcome;
}

function refused({ code, message, conflict }: Refused): KeyroomError {
  return new KeyroomError(code, message, conflict === undefined ? {} : { conflict });
}

function isKind<K extends Outcome["kind"]>(
  outcome: Outcome | undefined,
  kind: K,
): outcome is Extract<Outcome, { kind: K }> {
  return outcome?.kind === kind;
}

export function operationId(op: string): OperationId {
  const colon = op.indexOf(":");
  return { client: op.slice(0, colon), counter: Number(op.slice(colon + 1)) };
}

/** The operation id, where there is one. */
function own({ client }: Caller, op: string | undefined, counter: number | undefined): { readonly id?: OperationId } {
  if (op === undefined) return counter === undefined ? {} : { id: { client, counter } };
  if (counter !== undefined)
    throw new KeyroomError("invalid", "Give the operation id as `op` or by its counter, not both.");
  const id = operationId(op);
  if (id.client !== client) throw othersOperation();
  return { id };
}

export function othersOperation(): KeyroomError {
  return new KeyroomError("forbidden", "The operation id belongs to another session. Use your own client id.");
}
