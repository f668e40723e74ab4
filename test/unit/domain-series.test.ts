import { expect, test } from "@jest/globals";
import type { Entry } from "../../protocol/fields.ts";
import { inSeries } from "../../server/domain/series.ts";

function put(revision: number, life: Partial<Entry> = {}) {
  const entry = { key: `k${revision}`, value: "v", revision, version: 1, updatedAt: 1, updatedBy: "ann", ...life };
  return { revision, tag: revision, at: 1, by: "ann", puts: [entry], deletes: [] };
}

test("puts in a row are said in columns, but for those that say more than columns can", () => {
  const changes = [put(1), put(2), put(3, { expiresAt: 9 }), put(4, { ephemeral: true }), put(5), put(6)];
  const said = inSeries(changes);
  expect(said.series?.map(({ keys }) => keys)).toEqual([
    ["k1", "k2"],
    ["k5", "k6"],
  ]);
  expect(said.changes.map(({ puts }) => puts)).toMatchObject([[{ expiresAt: 9 }], [{ ephemeral: true }]]);
});
