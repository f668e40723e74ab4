/** The fields of requests that are about several keys at once. */
import * as v from "valibot";
import { Key, LifeMs, RevisionInput, rule, Value } from "./input-fields.ts";
import { LIST_ITEMS } from "./limits.ts";

export const NAMED_TWICE = "A key is named twice. Name each key once.";

export function areDistinct(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length;
}

const isGiven = (part: unknown): boolean => part !== undefined;
function listOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(v.array(item), v.maxLength(LIST_ITEMS), v.readonly());
}

/** Of one key: that its entry has this revision (0: there is none), that there is none, or that it has this value. */
export const Condition = v.pipe(
  v.strictObject({
    key: Key,
    revision: v.optional(RevisionInput),
    absent: v.optional(v.literal(true)),
    equals: v.optional(Value),
  }),
  rule(
    ({ revision, absent, equals }) => [revision, absent, equals].filter(isGiven).length === 1,
    "A condition has a key and one of `revision`, `absent: true` and `equals`.",
  ),
);
export const Conditions = listOf(Condition);

/** How long a value stays: for ever, unless it has a time, or goes with the session that puts it. */
export const LIFETIME = { ttlMs: v.optional(LifeMs), ephemeral: v.optional(v.boolean()) };

/** What a transaction does to one key: `{get}`, `{put, value}` or `{delete}`. */
export const Step = v.pipe(
  v.strictObject({
    get: v.optional(Key),
    put: v.optional(Key),
    value: v.optional(Value),
    ...LIFETIME,
    delete: v.optional(Key),
  }),
  rule(
    ({ get, put, value, ttlMs, ephemeral, delete: gone }) =>
      [get, put, gone].filter(isGiven).length === 1 &&
      isGiven(put) === isGiven(value) &&
      (isGiven(put) || !(isGiven(ttlMs) || isGiven(ephemeral))),
    "A step is `{get: key}`, `{put: key, value}` or `{delete: key}`.",
  ),
);
export const Steps = v.pipe(
  listOf(Step),
  rule((steps) => areDistinct(steps.flatMap((step) => step.put ?? step.delete ?? [])), NAMED_TWICE),
);

export const Puts = listOf(v.strictObject({ key: Key, value: Value, ...LIFETIME }));
export const Keys = listOf(Key);
export const DistinctKeys = v.pipe(
  Keys,
  rule((keys: readonly string[]) => areDistinct(keys), NAMED_TWICE),
);
export const SomeKeys = v.pipe(
  DistinctKeys,
  rule((keys: readonly string[]) => keys.length > 0, "No key is named. Name at least one."),
);
