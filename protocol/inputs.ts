/**
 * What each request takes. Closed, so that a misspelt condition is an error and not an unconditional write.
 * Only servers parse with these: a client that checked what it sends would only say the same sentences earlier.
 */
import * as v from "valibot";
import { areDistinct, Conditions, DistinctKeys, Keys, NAMED_TWICE, Puts, Steps } from "./commit-fields.ts";
import {
  After,
  CountInput,
  Key,
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
} from "./input-fields.ts";
import { BATCH_REQUESTS, FIXED_LIMITS } from "./limits.ts";
import { type Parser, parse } from "./parse.ts";
import type { RequestName } from "./requests.ts";

const room = v.optional(RoomName);
const op = v.optional(OperationId);
const ifRevision = v.optional(RevisionInput);
const limit = v.optional(v.pipe(CountInput, v.minValue(1), v.maxValue(FIXED_LIMITS.pageEntries)));

export const INPUTS = {
  get: v.strictObject({ key: Key, room }),
  read: v.strictObject({ keys: DistinctKeys, room }),
  put: v.strictObject({ key: Key, value: Value, room, ifRevision, op }),
  delete: v.strictObject({ key: Key, room, ifRevision, op }),
  /** All of it or, where a condition does not hold, nothing. */
  write: v.pipe(
    v.strictObject({ puts: v.optional(Puts), deletes: v.optional(Keys), if: v.optional(Conditions), room, op }),
    rule(
      ({ puts = [], deletes = [] }) => puts.length + deletes.length > 0,
      "A write puts or deletes at least one key. To look only, read.",
    ),
    rule(({ puts = [], deletes = [] }) => areDistinct([...puts.map(({ key }) => key), ...deletes]), NAMED_TWICE),
  ),
  /** `then` where all conditions hold, otherwise `else`: in order, all of it or nothing. */
  transact: v.pipe(
    v.strictObject({ if: v.optional(Conditions), then: Steps, else: v.optional(Steps), room, op }),
    rule(
      (transaction) => transaction.then.length + (transaction.else?.length ?? 0) > 0,
      "A transaction has at least one step in `then` or `else`.",
    ),
  ),
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
