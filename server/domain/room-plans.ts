/** What the requests on a room's keys ask of the engine, and what its outcomes are in the contract's words. */
import { KeyroomError } from "../../protocol/errors.ts";
import type { Input } from "../../protocol/inputs.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Output } from "../../protocol/outputs.ts";
import type {
  Asker,
  Claim,
  Commit,
  Condition,
  Operation,
  OperationId,
  Outcome,
  Put,
  Refused,
  Step,
  StepResult,
} from "../engine/port.ts";
import type { Caller, RoomAction } from "./access.ts";

export type RoomRequest =
  | "get"
  | "read"
  | "list"
  | "history"
  | "put"
  | "delete"
  | "write"
  | "transact"
  | "undo"
  | "touch"
  | "lock"
  | "unlock";

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
    operation: (_caller, { key, revision }) =>
      revision === undefined ? { kind: "read", keys: [key] } : { kind: "at", key, revision },
    answer: (outcome) => expect(outcome, "entries").entries[0] ?? null,
  },
  read: {
    action: "read",
    operation: (caller, input) => ({ kind: "read", keys: input.keys, ...asker(caller, input) }),
    answer: (outcome) => {
      const { kind: _, entries, ...rest } = expect(outcome, "entries");
      return { entries: entries.filter((entry) => entry !== null), ...rest };
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
    operation: (caller, input, counter) => {
      const { key, ifRevision } = input;
      return commit(caller, { puts: [putOf(input)], conditions: atRevision(key, ifRevision) }, input, counter);
    },
    answer: (outcome) => {
      const { revision, version } = expect(outcome, "committed");
      // A put always commits something.
      return { revision: revision ?? 0, version };
    },
  },
  delete: {
    action: "write",
    operation: (caller, input, counter) => {
      const { key, ifRevision } = input;
      return commit(caller, { deletes: [key], conditions: atRevision(key, ifRevision) }, input, counter);
    },
    answer: (outcome) => {
      const { revision } = expect(outcome, "committed");
      return { revision, existed: revision !== null };
    },
  },
  write: {
    action: "write",
    operation: (caller, input, counter) => {
      const { puts, deletes, if: conditions } = input;
      return commit(
        caller,
        { puts: puts?.map(putOf), deletes, conditions: conditions?.map(conditionOf) },
        input,
        counter,
      );
    },
    answer: (outcome) => {
      const { revision, fence } = expect(outcome, "committed");
      return { revision, ...(fence === undefined ? {} : { fence }) };
    },
  },
  /** Who may write to a room may also read it. */
  transact: {
    action: "write",
    operation: (caller, input, counter) => ({
      kind: "transact",
      conditions: (input.if ?? NONE).map(conditionOf),
      steps: input.then.map(stepOf),
      otherwise: (input.else ?? NONE).map(stepOf),
      ...author(caller, input, counter),
    }),
    answer: (outcome) => {
      const { succeeded, revision, results } = expect(outcome, "transacted");
      return { succeeded, revision, results: results?.map((result) => told(result, revision)) ?? null };
    },
  },
  undo: {
    action: "write",
    operation: (caller, input, counter) => ({
      kind: "undo",
      revision: input.revision,
      ...author(caller, input, counter),
    }),
    answer: (outcome) => ({ revision: expect(outcome, "committed").revision }),
  },
  touch: {
    action: "write",
    operation: (caller, input, counter) => ({
      kind: "touch",
      key: input.key,
      ttlMs: input.ttlMs,
      ...author(caller, input, counter),
    }),
    answer: (outcome) => {
      const { existed, expiresAt } = expect(outcome, "touched");
      return { existed, expiresAt };
    },
  },
  /** Also a shared lock keeps others from writing. */
  lock: {
    action: "write",
    operation: (caller, input, counter) => ({
      kind: "lock",
      keys: input.keys,
      mode: input.mode,
      ...author(caller, input, counter),
    }),
    answer: (outcome) => ({ fence: expect(outcome, "granted").fence }),
  },
  unlock: {
    action: "write",
    operation: (caller, input, counter) => ({
      kind: "unlock",
      keys: input.keys,
      ...author(caller, { op: input.op }, counter),
    }),
    answer: (outcome) => {
      expect(outcome, "unlocked");
      return {};
    },
  },
};

export function isRoomRequest(name: string): name is RoomRequest {
  return Object.hasOwn(TRANSLATIONS, name);
}

type Parts = { readonly [P in "puts" | "deletes" | "conditions"]?: Commit[P] | undefined };

function commit(
  caller: Caller,
  { puts = NONE, deletes = NONE, conditions = NONE }: Parts,
  input: Authored,
  counter: number | undefined,
): Operation {
  const { user: by, client: owner } = caller;
  const id = idOf(caller, input.op, counter);
  const claim = claimOf(input);
  // Written out for nearly all writes: a spread costs as much as all the rest of it.
  if (claim !== undefined || id === undefined) {
    return { kind: "commit", by, owner, puts, deletes, conditions, ...(claim && { claim }), ...(id && { id }) };
  }
  return { kind: "commit", by, owner, puts, deletes, conditions, id };
}

/** What requests say of locks. */
type Claiming = { readonly [P in keyof Claim]?: Claim[P] | undefined };

type Authored = Claiming & { readonly op?: string | undefined };

/** Who writes, by which locks and with which operation id. */
function author(caller: Caller, input: Authored, counter: number | undefined): Asker & { readonly id?: OperationId } {
  const id = idOf(caller, input.op, counter);
  return { ...asker(caller, input), ...(id && { id }) };
}

function asker({ user, client }: Caller, input: Claiming): Asker {
  const claim = claimOf(input);
  return { by: user, owner: client, ...(claim && { claim }) };
}

/**
 * Nothing for what says nothing of locks, as nearly all requests.
 * @throws KeyroomError `invalid`
 */
function claimOf({ fence, waitMs, hold, leaseMs }: Claiming): Claim | undefined {
  if (fence === undefined && waitMs === undefined && hold === undefined && leaseMs === undefined) return undefined;
  if (fence !== undefined && (waitMs || hold)) throw new KeyroomError("invalid", BY_FENCE);
  return given({ fence, waitMs, hold, leaseMs });
}

const BY_FENCE = "What carries a fence counts as its holder's, and neither waits nor holds. Leave one of them out.";

interface Putting {
  readonly key: string;
  readonly value: string;
  readonly ttlMs?: number | undefined;
  readonly ephemeral?: boolean | undefined;
}

function putOf({ key, value, ttlMs, ephemeral }: Putting): Put {
  if (ttlMs === undefined && ephemeral === undefined) return { key, value };
  return { key, value, ...given({ ttlMs, ephemeral }) };
}

/** The fields that have a value. */
function given<T extends object>(fields: { readonly [P in keyof T]: T[P] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function atRevision(key: string, revision: number | undefined): readonly Condition[] {
  return revision === undefined ? NONE : [{ key, revision }];
}

type Asked = NonNullable<Input<"transact">["if"]>[number];

function conditionOf({ key, revision = 0, equals }: Asked): Condition {
  return equals === undefined ? { key, revision } : { key, equals };
}

function stepOf({ get, put, delete: gone = "", value = "", ...life }: Input<"transact">["then"][number]): Step {
  if (get !== undefined) return { kind: "get", key: get };
  return put === undefined ? { kind: "delete", key: gone } : { kind: "put", ...putOf({ key: put, value, ...life }) };
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

function refused({ code, message, conflict, holder }: Refused): KeyroomError {
  return new KeyroomError(code, message, { ...(conflict && { conflict }), ...(holder && { holder }) });
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
function idOf({ client }: Caller, op: string | undefined, counter: number | undefined): OperationId | undefined {
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
