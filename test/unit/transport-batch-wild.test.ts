import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Answer } from "../../protocol/events.ts";
import { isBatched, isRequestName, takesOperationId } from "../../protocol/requests.ts";
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
    fc.asyncProperty(fc.array(fc.oneof(rightPart, wildPart), { maxLength: 20 }), async (parts) => {
      const [one, other] = [batching(), batching()];
      const expected: Answer<unknown>[] = [];
      for (const part of parts) {
        const request = alone(part);
        expected.push(request === null ? REFUSED : await one.ask(...request));
      }
      const answers = await other.batch(...parts);
      for (const answer of answers) checkAnswer(answer);
      expect(answers.map(outcome)).toEqual(expected.map(outcome));
      expect(other.peer.unanswered).toBe(0);
      expect(other.log.lines).toEqual([]);
    }),
    { seed, numRuns: fuzzRuns(500) },
  );
});

const REFUSED = { ok: false } as Answer<unknown>;

/** What an answer comes to: words may differ, and so may the code of what is wrong in two ways. */
function outcome(answer: Answer<unknown>): unknown {
  return answer.ok ? withoutEpochs(answer.value) : "refused";
}
