import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeyIndex } from "../../server/engine/memory/key-index.ts";
import { freshSeed } from "../support/random.ts";
import { wildKey, wildText } from "../support/texts.ts";

const seed = freshSeed();

test(`the index is a sorted array, seed ${seed}`, () => {
  const bytes = (text: string) => Buffer.from(text);
  const keys = fc.uniqueArray(wildKey(), { maxLength: 30 });
  const after = fc.option(wildText(3), { nil: undefined });
  fc.assert(
    fc.property(keys, fc.infiniteStream(fc.boolean()), wildText(2), after, (all, removed, prefix, behind) => {
      const index = new KeyIndex();
      for (const key of all) index.add(key);
      const left = all.filter((key) => {
        const gone = removed.next().value;
        if (gone) index.remove(key);
        return !gone;
      });
      const sorted = left.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
      expect([...index.range("")]).toEqual(sorted);
      const matching = sorted.filter((key) => key.startsWith(prefix));
      expect([...index.range(prefix, behind)]).toEqual(
        matching.filter((key) => behind === undefined || Buffer.compare(bytes(key), bytes(behind)) > 0),
      );
    }),
    { seed, numRuns: 1000 },
  );
});

test("a range is not computed before it is needed", () => {
  const index = new KeyIndex();
  for (const key of ["a", "b", "c"]) index.add(key);
  expect(index.range("").next()).toEqual({ value: "a", done: false });
});
