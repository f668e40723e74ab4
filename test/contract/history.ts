import { describe, expect, test } from "@jest/globals";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Change, Engine, Outcome } from "../../server/engine/port.ts";
import { freshSeed, type Random, seededRandom } from "../support/random.ts";
import { ask, commit, expectKind, type MakeEngine, positionOf, put, remove } from "./kit.ts";

type History = Extract<Outcome, { kind: "history" }>;

const ALL = { before: Number.POSITIVE_INFINITY, limit: 1000 };

async function history(engine: Engine, key: string, options: Partial<typeof ALL> = {}): Promise<History> {
  return expectKind(await ask(engine, "ann", { kind: "history", key, ...ALL, ...options }), "history");
}

/** Page by page, as a reader who goes on where the page before has ended. */
async function pagesOf(engine: Engine, key: string, limit: number): Promise<readonly History[]> {
  const pages: History[] = [];
  for (let before = ALL.before, more = true; more; ) {
    const page = await history(engine, key, { before, limit });
    pages.push(page);
    more = page.more;
    before = page.changes.at(-1)?.revision ?? 0;
  }
  return pages;
}

const KEYS = ["a", "b", "c"] as const;

function anyCommit(random: Random) {
  const keys = random.shuffle(KEYS).slice(0, 1 + random.int(3));
  const puts = keys.slice(0, random.int(keys.length + 1));
  const value = String(random.int(10));
  const by = random.pick(["ann", "bob"]);
  return commit({ by, puts: puts.map((key) => ({ key, value })), deletes: keys.slice(puts.length) });
}

/** What a watcher of the key saw, newest first. */
function seenOf(key: string, told: readonly Change[]) {
  return told
    .toReversed()
    .flatMap(({ revision, at, by, puts, deletes }) => [
      ...puts.filter((entry) => entry.key === key).map(({ value }) => ({ revision, at, by, value })),
      ...deletes.filter((each) => each === key).map(() => ({ revision, at, by, value: null })),
    ]);
}

const seed = freshSeed();

export function historyContract(make: MakeEngine): void {
  describe("the history of a key", () => {
    test("tells newest first who made what of it and when, also that it was deleted", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("b", "1"), remove("a", { by: "bob" }), put("a", "2")]);
      expect(await history(engine, "a")).toEqual({
        kind: "history",
        changes: [
          { revision: 4, at: expect.any(Number), by: "ann", value: "2" },
          { revision: 3, at: expect.any(Number), by: "bob", value: null },
          { revision: 1, at: expect.any(Number), by: "ann", value: "1" },
        ],
        more: false,
        reaches: 1,
        position: await positionOf(engine, "ann"),
      });
      expect(await history(engine, "none")).toMatchObject({ changes: [], more: false, reaches: 1 });
    });

    test(`is what a watcher of the key saw, page by page, as far as the log reaches, seed ${seed}`, async () => {
      const random = seededRandom(seed);
      for (const logRecords of [0, 1, 7, 1000]) {
        const engine = make({ logRecords });
        const told: Change[] = [];
        engine.follow("ann", { committed: (change) => void told.push(change), deleted: () => undefined });
        for (let commits = 0; commits < 60; commits++) {
          await ask(engine, "ann", anyCommit(random));
          const key = random.pick(KEYS);
          const reaches = Math.max(0, told.length - logRecords) + 1;
          const kept = seenOf(key, told).filter(({ revision }) => revision >= reaches);
          for (const limit of [1, 3, 1000]) {
            const pages = await pagesOf(engine, key, limit);
            expect(pages.flatMap(({ changes }) => changes)).toEqual(kept);
            expect(pages).toHaveLength(Math.max(1, Math.ceil(kept.length / limit)));
            expect(pages.map((page) => page.reaches)).toEqual(pages.map(() => reaches));
          }
        }
      }
    });

    test("before a revision tells what is older, whether that revision is the key's or not, or still to come", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("b", "1"), put("a", "2")]);
      const revisions = async (before: number) =>
        (await history(engine, "a", { before })).changes.map(({ revision }) => revision);
      expect(await Promise.all([0, 1, 2, 3, 4, 99].map(revisions))).toEqual([[], [], [1], [1], [3, 1], [3, 1]]);
    });

    test("tells keys apart that a search by their hashes would not", async () => {
      const engine = make();
      await engine.run("ann", [put("Aa", "1"), put("BB", "2"), put("AaBB", "3"), put("BBAa", "4")]);
      for (const [i, key] of ["Aa", "BB", "AaBB", "BBAa"].entries()) {
        expect((await history(engine, key)).changes.map(({ revision }) => revision)).toEqual([i + 1]);
      }
    });

    test("keeps a page within its bytes, and has at least one change, however long", async () => {
      const engine = make();
      const long = "x".repeat(FIXED_LIMITS.valueBytes);
      await engine.run("ann", [
        put("a", long),
        put("a", long),
        ...Array<ReturnType<typeof put>>(9).fill(put("a", "é".repeat(60_000))),
      ]);
      const pages = await pagesOf(engine, "a", 1000);
      expect(pages.map(({ changes }) => changes.length)).toEqual([8, 1, 1, 1]);
    });

    test("is that of the room's present life", async () => {
      const engine = make();
      await engine.run("ann", [put("a", "1"), put("a", "2")]);
      await engine.deleteRoom("ann");
      await ask(engine, "ann", put("a", "3"));
      expect(await history(engine, "a")).toMatchObject({ changes: [{ revision: 1, value: "3" }], reaches: 1 });
    });
  });
}
