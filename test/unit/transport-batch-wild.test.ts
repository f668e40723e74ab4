import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { eachAnswer } from "../../client/sdk/answer.ts";
import type { Answer } from "../../protocol/events.ts";
import { isCounter } from "../../protocol/input-fields.ts";
import { isBatched, isRequestName, takesOperationId } from "../../protocol/requests.ts";
import { SERIES_SINCE } from "../../protocol/series.ts";
import { checkAnswer } from "../support/answers.ts";
import { batching, CLIENT, withoutEpochs } from "../support/batching.ts";
import { freshSeed } from "../support/random.ts";
import { fuzzRuns, wildPart } from "../support/wild-requests.ts";

const seed = freshSeed();

const key = fc.constantFrom("a", "b");
const counter = fc.integer({ min: 1, max: 8 });
const put = fc.record({ key, value: fc.constantFrom("1", "2") });

/** Few keys and few operation ids, so that they meet. */
const rightPart: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(fc.constant("put"), put),
  fc.tuple(fc.constant("put"), put, counter),
  fc.tuple(fc.constantFrom("get", "delete"), fc.record({ key })),
  fc.constant(["read", { keys: ["a", "b"] }]),
  fc.tuple(
    fc.constant("write"),
    put.map((one) => ({ puts: [one], deletes: [one.key === "a" ? "b" : "a"], if: [{ key: "a", equals: "1" }] })),
    counter,
  ),
  fc.tuple(
    fc.constant("transact"),
    put.map(({ key, value }) => ({
      if: [{ key: "a", absent: true }],
      then: [{ put: key, value }, { get: "a" }],
      else: [{ get: "b" }, { delete: "a" }],
    })),
    counter,
  ),
  fc.constantFrom(["list"], ["list", null]),
  fc.tuple(
    fc.constant("status"),
    counter.map((n) => ({ op: `${CLIENT}:${n}` })),
  ),
  fc.tuple(fc.constant("settle"), fc.record({ upTo: counter })),
);

/** Puts in a row, and what is nearly such: of different lengths, or with a field that none has. */
const series: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.record(
      {
        keys: fc.array(fc.oneof({ arbitrary: key, weight: 9 }, fc.constantFrom("", 7, null)), { maxLength: 4 }),
        more: fc.constantFrom(0, 0, 0, 1),
        room: fc.constantFrom("ann", "bob", "nobody", 7),
        ifRevision: fc.constant(1),
      },
      { requiredKeys: ["keys", "more"] },
    ),
    fc.option(fc.oneof(counter, fc.constantFrom(0, 0.5, 1e15 - 2, null)), { nil: undefined }),
  )
  .map(([{ keys, more, ...others }, first]) => {
    const columns = { keys, values: Array.from({ length: keys.length + more }, (_, i) => String(i)), ...others };
    return first === undefined ? ["put", columns] : ["put", columns, first];
  });

interface Columns {
  readonly keys: readonly unknown[];
  readonly values: readonly unknown[];
}

/** The puts that a series stands for; what is none stands for itself. */
function meant(part: unknown): readonly unknown[] {
  if (!Array.isArray(part) || part[0] !== "put" || !Array.isArray(part[1]?.keys) || part.length > 3) return [part];
  const [name, { keys, values, ...others }, counter]: [string, Columns, unknown] = part as [string, Columns, unknown];
  const isSeries = keys.length === values?.length && Object.keys(others).every((field) => field === "room");
  if (!isSeries) return [part];
  return keys.map((one, i) => {
    const payload = { key: one, value: values[i], ...others };
    return counter === undefined ? [name, payload] : [name, payload, isCounter(counter) ? counter + i : counter];
  });
}

/** The name and payloads with which a part of a batch would come alone; null where it could not. */
function alone(part: unknown): readonly [string, ...unknown[]] | null {
  if (!Array.isArray(part) || part.length > 3) return null;
  const [name, payload, counter]: readonly unknown[] = part;
  if (!isRequestName(name) || !isBatched(name)) return null;
  if (part.length < 3) return [name, ...(part.length === 2 ? [payload] : [])];
  if (!takesOperationId(name)) return null;
  // Not by a spread, which would have `__proto__` for a field.
  const fields: [string, unknown][] = Object.entries(payload ?? {});
  return [name, Object.fromEntries([...fields, ["op", `${CLIENT}:${counter}`]])];
}

test(`whatever is in a batch is answered as if it had come alone, seed ${seed}`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(rightPart, wildPart, series), { maxLength: 20 }),
      fc.boolean(),
      async (parts, takesSeries) => {
        const [one, other] = [batching(), batching(undefined, takesSeries ? SERIES_SINCE : 0)];
        const expected: Answer<unknown>[] = [];
        for (const part of parts.flatMap(meant)) {
          const request = alone(part);
          expected.push(request === null ? REFUSED : await one.ask(...request));
        }
        const answers = eachAnswer(await other.batch(...parts)) as readonly Answer<unknown>[];
        for (const answer of answers) checkAnswer(answer);
        expect(answers.map(outcome)).toEqual(expected.map(outcome));
        expect(other.peer.unanswered).toBe(0);
        expect(other.log.lines).toEqual([]);
      },
    ),
    { seed, numRuns: fuzzRuns(500) },
  );
});

const REFUSED = { ok: false } as Answer<unknown>;

/** What an answer comes to: words may differ, and so may the code of what is wrong in two ways. */
function outcome(answer: Answer<unknown>): unknown {
  return answer.ok ? withoutEpochs(answer.value) : "refused";
}
