/** What the requests on a room's keys ask of the engine, and what its outcomes are in the contract's words. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type { Operation, OperationId, Outcome } from "../engine/port.ts";
import type { Caller, RoomAction } from "./access.ts";

export type RoomRequest = "get" | "list" | "history" | "put" | "delete";

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
      commit(caller, [{ key, value }], NONE, key, ifRevision, ownOperation(caller, op, counter)),
    answer: (outcome) => {
      const { revision, version } = expect(outcome, "committed");
      // A put always commits something.
      return { revision: revision ?? 0, version };
    },
  },
  delete: {
    action: "write",
    operation: (caller, { key, ifRevision, op }, counter) =>
      commit(caller, NONE, [key], key, ifRevision, ownOperation(caller, op, counter)),
    answer: (outcome) => {
      const { revision } = expect(outcome, "committed");
      return { revision, existed: revision !== null };
    },
  },
};

export function isRoomRequest(name: string): name is RoomRequest {
  return Object.hasOwn(TRANSLATIONS, name);
}

function commit(
  { user: by }: Caller,
  puts: readonly { readonly key: string; readonly value: string }[],
  deletes: readonly string[],
  key: string,
  ifRevision: number | undefined,
  id: OperationId | undefined,
): Operation {
  const conditions = ifRevision === undefined ? NONE : [{ key, revision: ifRevision }];
  return id === undefined
    ? { kind: "commit", by, puts, deletes, conditions }
    : { kind: "commit", by, puts, deletes, conditions, id };
}

const NONE: readonly never[] = [];

/** The outcome, if it is of the kind that the operation asks for. */
export function expect<K extends Outcome["kind"]>(
  outcome: Outcome | undefined,
  kind: K,
): Extract<Outcome, { kind: K }> {
  if (outcome?.kind === "refused") throw new KeyroomError(outcome.code, outcome.message);
  if (!isKind(outcome, kind)) throw new KeyroomError("internal", "The engine gave an answer of the wrong kind.");
  return outcome;
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

function ownOperation(
  { client }: Caller,
  op: string | undefined,
  counter: number | undefined,
): OperationId | undefined {
  if (op === undefined) return counter === undefined ? undefined : { client, counter };
  if (counter !== undefined)
    throw new KeyroomError("invalid", "Give the operation id as `op` or by its counter, not both.");
  const id = operationId(op);
  if (id.client !== client) throw othersOperation();
  return id;
}

export function othersOperation(): KeyroomError {
  return new KeyroomError("forbidden", "The operation id belongs to another session. Use your own client id.");
}
