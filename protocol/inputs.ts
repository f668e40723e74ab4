/**
 * What each request takes. Closed, so that a misspelt condition is an error and not an unconditional write.
 * Only servers parse with these: a client that checked what it sends would only say the same sentences earlier.
 */
import * as v from "valibot";
import {
  areDistinct,
  Conditions,
  DistinctKeys,
  Keys,
  LIFETIME,
  NAMED_TWICE,
  Puts,
  SomeKeys,
  Steps,
} from "./commit-fields.ts";
import {
  After,
  CountInput,
  Fence,
  Key,
  LifeMs,
  LockModeInput,
  OperationId,
  Passphrase,
  PositionInput,
  Prefix,
  RevisionInput,
  RoomName,
  RoomPositions,
  rule,
  UserName,
  Value,
  WaitMs,
} from "./input-fields.ts";
import { BATCH_REQUESTS, FIXED_LIMITS } from "./limits.ts";
import { type Parser, parse } from "./parse.ts";
import type { RequestName } from "./requests.ts";

const room = v.optional(RoomName);
const op = v.optional(OperationId);
const ifRevision = v.optional(RevisionInput);
const limit = v.optional(v.pipe(CountInput, v.minValue(1), v.maxValue(FIXED_LIMITS.pageEntries)));

/** Of writes: by which grant, or how long to wait for locks that others hold. */
const LOCKS = { fence: v.optional(Fence), waitMs: v.optional(WaitMs) };
/** Whether the locks that it needs are kept, and for how long; `lock` would have taken them. */
const HOLDING = { hold: v.optional(v.boolean()), leaseMs: v.optional(LifeMs) };

const LEASES_NOTHING = "A lease is of locks that are kept: give `hold: true` with it.";

interface Claiming {
  readonly hold?: boolean | undefined;
  readonly leaseMs?: number | undefined;
}

function isOfUse({ hold = false, leaseMs }: Claiming): boolean {
  return leaseMs === undefined || hold;
}

export const INPUTS = {
  /** With a revision: as it was then. */
  get: v.strictObject({ key: Key, room, revision: v.optional(RevisionInput) }),
  read: v.pipe(
    v.strictObject({ keys: DistinctKeys, waitMs: v.optional(WaitMs), ...HOLDING, room }),
    rule((claiming) => isOfUse(claiming), LEASES_NOTHING),
  ),
  put: v.strictObject({ key: Key, value: Value, ...LIFETIME, room, ifRevision, ...LOCKS, op }),
  delete: v.strictObject({ key: Key, room, ifRevision, ...LOCKS, op }),
  /** All of it or, where a condition does not hold, nothing. */
  write: v.pipe(
    v.strictObject({
      puts: v.optional(Puts),
      deletes: v.optional(Keys),
      if: v.optional(Conditions),
      ...LOCKS,
      ...HOLDING,
      room,
      op,
    }),
    rule((claiming) => isOfUse(claiming), LEASES_NOTHING),
    rule(
      ({ puts = [], deletes = [] }) => puts.length + deletes.length > 0,
      "A write puts or deletes at least one key. To look only, read.",
    ),
    rule(({ puts = [], deletes = [] }) => areDistinct([...puts.map(({ key }) => key), ...deletes]), NAMED_TWICE),
  ),
  /** `then` where all conditions hold, otherwise `else`: in order, all of it or nothing. */
  transact: v.pipe(
    v.strictObject({ if: v.optional(Conditions), then: Steps, else: v.optional(Steps), ...LOCKS, room, op }),
    rule(
      (transaction) => transaction.then.length + (transaction.else?.length ?? 0) > 0,
      "A transaction has at least one step in `then` or `else`.",
    ),
  ),
  /** Takes back what was changed at a revision, where all of it is still as it was left. */
  undo: v.strictObject({ revision: RevisionInput, room, ...LOCKS, op }),
  /** How long a key stays from now on; null: for ever. */
  touch: v.strictObject({ key: Key, ttlMs: v.nullable(LifeMs), room, ...LOCKS, op }),
  /** All keys or none. `leaseMs`: given up then, unless taken again. */
  lock: v.strictObject({
    keys: SomeKeys,
    mode: LockModeInput,
    waitMs: v.optional(WaitMs),
    leaseMs: v.optional(LifeMs),
    room,
    op,
  }),
  /** Also ends the session's waits for any of the keys. */
  unlock: v.strictObject({ keys: SomeKeys, room, op }),
  /** With `follow`, this connection is pushed the list when it has changed; with false, no more. */
  locks: v.strictObject({ room, limit, follow: v.optional(v.boolean()) }),
  list: v.strictObject({ room, prefix: v.optional(Prefix), after: v.optional(After), limit }),
  history: v.strictObject({ key: Key, room, before: v.optional(RevisionInput), limit }),
  status: v.strictObject({ op: OperationId, room }),
  upgrade: v.strictObject({ passphrase: v.optional(Passphrase) }),
  promote: v.strictObject({ user: UserName }),
  demote: v.strictObject({ user: UserName }),
  rooms: v.strictObject({
    after: v.optional(v.pipe(v.string(), v.maxLength(FIXED_LIMITS.nameCharacters))),
    limit,
  }),
  watch: v.strictObject({
    room,
    key: v.optional(Key),
    prefix: v.optional(Prefix),
    from: v.optional(v.union([PositionInput, RoomPositions])),
    /** Tells several watches of one question on one connection apart; asked again with the same, it begins anew. */
    copy: v.optional(v.pipe(CountInput, v.minValue(1), v.maxValue(1000))),
  }),
  unwatch: v.strictObject({ watch: v.pipe(v.string(), v.maxLength(64)) }),
  watchers: v.strictObject({}),
  settle: v.strictObject({ upTo: CountInput }),
  /**
   * Each of `requests` is `[name, payload]`, or `[name, payload, counter]` with the counter of an operation id of the
   * session, and is answered as if it had come alone; what is wrong with one spoils no other. Puts in a row can be one
   * `["put", {keys, values, room}, counter]`, in columns: it counts as so many, with counters that rise by one. `batch`
   * is a number by which `answers` pushes that come ahead of the acknowledgement are recognised.
   */
  batch: v.strictObject({
    batch: CountInput,
    requests: v.pipe(v.array(v.unknown()), v.maxLength(BATCH_REQUESTS)),
  }),
  logout: v.strictObject({}),
} as const satisfies Record<RequestName, v.GenericSchema>;

export type Input<N extends RequestName> = Readonly<v.InferOutput<(typeof INPUTS)[N]>>;

/** The same schemas in a form in which TypeScript can follow a generic name. */
const PARSERS: { readonly [N in RequestName]: Parser<Input<N>> } = INPUTS;

/** @throws KeyroomError */
export function parseInput<N extends RequestName>(name: N, payload: unknown): Input<N> {
  return parse(PARSERS[name], name, payload);
}
