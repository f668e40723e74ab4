/** Puts in a row travel in columns; whoever reads them has what he would have had without. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { requestsOf } from "../../client/sdk/packets.ts";
import type { Waiting } from "../../client/sdk/waiting.ts";
import type { Change, Entry } from "../../protocol/fields.ts";
import { changesIn } from "../../protocol/series.ts";
import { inSeries } from "../../server/domain/series.ts";
import { eachRequest } from "../../server/transport/series.ts";
import { freshSeed } from "../support/random.ts";

const seed = freshSeed();

/** What a commit does, and how it differs from the one before. */
const step = fc.record({
  keys: fc.oneof({ arbitrary: fc.tuple(fc.string()), weight: 6 }, fc.uniqueArray(fc.string(), { maxLength: 3 })),
  deletes: fc.oneof({ arbitrary: fc.constant<string[]>([]), weight: 6 }, fc.uniqueArray(fc.string(), { maxLength: 2 })),
  revisions: often(1, 2),
  tags: often(1, 3),
  ms: often(0, 1),
  by: often("ann", "bob"),
  version: fc.nat(5),
});

function often<T>(usual: T, other: T): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, { arbitrary: fc.constant(other), weight: 1 });
}

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function commits(steps: readonly Step[]): Change[] {
  let [revision, tag, at] = [7, 1_000, 5];
  return steps.map((one) => {
    [revision, tag, at] = [revision + one.revisions, tag + one.tags, at + one.ms];
    const put = (key: string): Entry => {
      const shared = { revision, version: one.version + 1, updatedAt: at, updatedBy: one.by };
      return { key, value: `of ${key}`, ...shared };
    };
    return { revision, tag, at, by: one.by, puts: one.keys.map(put), deletes: one.deletes };
  });
}

test(`changes that are told in series are the changes that they were, seed ${seed}`, () => {
  const count = { series: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const changes = commits(steps);
      const push = inSeries(changes);
      for (const { keys } of push.series ?? []) expect(keys.length).toBeGreaterThan(1);
      count.series += push.series?.length ?? 0;
      expect(changesIn(push)).toEqual(changes);
    }),
    { seed, numRuns: 300 },
  );
  expect(count.series).toBeGreaterThan(50);
});

describe("the requests of a batch", () => {
  const put = fc.record(
    {
      key: fc.string(),
      value: fc.string(),
      room: fc.constantFrom("bob", undefined),
      ifRevision: fc.constantFrom(1, undefined),
      more: fc.constantFrom("x"),
    },
    { requiredKeys: ["key", "value"] },
  );
  const request = fc.record({
    name: often<"put" | "get" | "delete">("put", "get"),
    payload: fc.oneof({ arbitrary: fc.record({ key: fc.string(), value: fc.string() }), weight: 3 }, put),
    leap: often(1, 5),
  });

  test(`are those of the packet, whatever of them is a series, seed ${seed}`, () => {
    const count = { requests: 0, parts: 0 };
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        let last = 0;
        const packet = requests.map(({ name, payload, leap }) => {
          const counter = name === "get" ? 0 : last + leap;
          if (counter > 0) last = counter;
          return { name, payload, counter } as unknown as Waiting;
        });
        const parts: unknown[] = JSON.parse(JSON.stringify(requestsOf(packet)));
        count.requests += packet.length;
        count.parts += parts.length;
        const plain = packet.map(({ name, payload, counter }) =>
          counter === 0 ? [name, payload] : [name, payload, counter],
        );
        expect(JSON.stringify(eachRequest(parts))).toBe(JSON.stringify(plain));
      }),
      { seed, numRuns: 300 },
    );
    expect(count.parts).toBeLessThan(count.requests * 0.8);
  });
});
