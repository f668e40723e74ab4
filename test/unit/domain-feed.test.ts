import { describe, expect, test } from "@jest/globals";
import { changesIn } from "../../protocol/series.ts";
import { BACKLOG_BYTES } from "../../server/domain/watching.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type FakeWatcher, WatchRig } from "../support/watching.ts";

const PROGRESS_MS = 10_000;

function changedRevisions(watcher: FakeWatcher): number[][] {
  return watcher.heard("changes").map(({ changes }) => changes.map(({ revision }) => revision));
}

describe("one push", () => {
  test("for each question and turn, however many commits and watchers", async () => {
    const rig = new WatchRig();
    const watchers = Array.from({ length: 5 }, () => rig.watcher());
    for (const watcher of watchers) await rig.watch(watcher, { room: "ann" });
    const filtered = rig.watcher("ann");
    await rig.watch(filtered, { prefix: "a" });
    for (let i = 0; i < 64; i++) await rig.put("ann", `a${i}`);
    await rig.turn();
    await rig.put("ann", "a");
    await rig.turn();
    expect(rig.audience.said.map(({ payload }) => payload.changes.length)).toEqual([64, 64, 1, 1]);
    const all = [Array.from({ length: 64 }, (_, i) => i + 1), [65]];
    for (const watcher of [...watchers, filtered]) expect(changedRevisions(watcher)).toEqual(all);
  });

  test("is in series for those who can read them, under the same id", async () => {
    const rig = new WatchRig(undefined, new MemoryEngine({}, new ManualClock(1_000)));
    const [plain, modern, late] = [rig.watcher("ann"), rig.watcher("ann"), rig.watcher("ann")];
    modern.takesSeries = true;
    late.takesSeries = true;
    for (const watcher of [plain, modern, late]) await rig.watch(watcher);
    for (const key of ["a", "b", "c"]) await rig.put("ann", key);
    await rig.turn();
    await rig.put("ann", "a");
    await rig.turn();
    expect(
      new Set([plain, modern, late].flatMap((watcher) => watcher.heard("changes").map(({ watch }) => watch))).size,
    ).toBe(1);
    expect(changedRevisions(plain)).toEqual([[1, 2, 3], [4]]);
    for (const watcher of [modern, late]) {
      const told = watcher.heard("changes").map(changesIn);
      expect(told).toEqual(plain.heard("changes").map(({ changes }) => changes));
      expect(changedRevisions(watcher)).toEqual([[], [4]]);
    }
    expect(rig.audience.said).toHaveLength(4);
    rig.watches.forget(modern);
    rig.watches.forget(late);
    expect([...modern.channels, ...late.channels]).toEqual([]);
    await rig.put("ann", "a");
    await rig.turn();
    expect(changedRevisions(plain).at(-1)).toEqual([5]);
    expect(rig.audience.said).toHaveLength(5);
  });

  test("says where it leads to, and each change who, when and under which tag", async () => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    await rig.watch(watcher);
    await rig.commit("ann", {
      puts: [
        { key: "a", value: "1" },
        { key: "b", value: "1" },
      ],
    });
    await rig.commit("ann", { puts: [{ key: "a", value: "2" }], deletes: ["b"], by: "boss" });
    await rig.turn();
    const [answer] = watcher.heard("answer");
    const { epoch, revision, tag } = answer?.position ?? {};
    expect(revision).toBe(0);
    const [one, other] = [(tag ?? 0) + 1, (tag ?? 0) + 2];
    const at = rig.clock.now();
    const entry = { revision: 1, version: 1, updatedAt: expect.any(Number), updatedBy: "ann" };
    expect(at).toBeGreaterThan(0);
    expect(watcher.heard("changes")).toEqual([
      {
        watch: answer?.watch,
        room: "ann",
        position: { epoch, revision: 2, tag: other },
        changes: [
          {
            revision: 1,
            tag: one,
            at: expect.any(Number),
            by: "ann",
            puts: [
              { key: "a", value: "1", ...entry },
              { key: "b", value: "1", ...entry },
            ],
            deletes: [],
          },
          {
            revision: 2,
            tag: other,
            at: expect.any(Number),
            by: "boss",
            puts: [{ key: "a", value: "2", ...entry, revision: 2, version: 2, updatedBy: "boss" }],
            deletes: ["b"],
          },
        ],
      },
    ]);
  });
});

describe("a filter", () => {
  test.each([
    ["a key", { key: "a" }, ["a"]],
    ["a prefix", { prefix: "a" }, ["a", "ab"]],
    ["an empty prefix", { prefix: "" }, ["a", "ab", "b", "ba", "secret"]],
    ["a prefix that is nobody's", { prefix: "secrets" }, []],
  ])("of %s carries those keys in snapshot, replay and push, and nothing of others", async (_what, filter, keys) => {
    const rig = new WatchRig();
    const everything = ["a", "ab", "b", "ba", "secret"];
    const puts = everything.map((key) => ({ key, value: `value of ${key}` }));
    await rig.commit("ann", { puts: [] });
    const [fresh, resumed] = [rig.watcher("ann"), rig.watcher("ann")];
    await rig.watch(fresh, filter);
    const from = fresh.heard("answer")[0]?.position;
    await rig.commit("ann", { puts });
    await rig.put("ann", "secret", "value of secret 2");
    await rig.commit("ann", { deletes: everything });
    await rig.commit("ann", { puts });
    await rig.turn();
    await rig.watch(resumed, { ...filter, ...(from === undefined ? {} : { from }) });
    const late = rig.watcher("ann");
    await rig.watch(late, filter);
    for (const watcher of [fresh, resumed, late]) {
      const text = JSON.stringify(watcher.told);
      for (const key of everything) expect([key, text.includes(`"${key}"`)]).toEqual([key, keys.includes(key)]);
    }
    expect(
      late
        .heard("answer")[0]
        ?.snapshot?.map(({ key }) => key)
        .toSorted(),
    ).toEqual(keys);
    const deletes = fresh.heard("changes").flatMap(({ changes }) => changes.flatMap((change) => change.deletes));
    expect(deletes.toSorted()).toEqual(keys);
  });
});

describe("a watch whose keys are quiet", () => {
  test("is told at most every 10 s that the room has moved, and only then", async () => {
    const rig = new WatchRig();
    const [quiet, all] = [rig.watcher("ann"), rig.watcher()];
    await rig.watch(quiet, { key: "mine" });
    await rig.watch(all, { room: "ann" });
    for (let second = 0; second < 30; second++) {
      await rig.put("ann", "other");
      await rig.turn();
      rig.clock.advance(1_000);
    }
    expect(quiet.heard("changes").map(({ changes, position }) => [changes, position.revision])).toEqual([
      [[], 10],
      [[], 20],
      [[], 30],
    ]);
    expect(all.heard("changes").every(({ changes }) => changes.length === 1)).toBe(true);
    rig.clock.advance(10 * PROGRESS_MS);
    expect(quiet.heard("changes")).toHaveLength(3);
    expect(rig.clock.pending).toBe(0);
  });

  test("goes on from there after the log has forgotten what was before", async () => {
    const rig = new WatchRig(["ann"], new MemoryEngine({ logRecords: 2 }));
    const watcher = rig.watcher("ann");
    await rig.watch(watcher, { key: "mine" });
    for (let i = 0; i < 10; i++) await rig.put("ann", "other");
    await rig.turn();
    rig.clock.advance(PROGRESS_MS);
    const from = watcher.heard("changes").at(-1)?.position;
    rig.watches.forget(watcher);
    await rig.put("ann", "mine");
    const again = rig.watcher("ann");
    await rig.watch(again, { key: "mine", ...(from === undefined ? {} : { from }) });
    expect(again.told).toMatchObject([{ name: "answer", payload: { changes: [{ revision: 11 }] } }]);
    expect(again.heard("answer")[0]).not.toHaveProperty("gap");
  });

  test("that ends takes its timer along", async () => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    await rig.watch(watcher, { key: "mine" });
    await rig.put("ann", "other");
    await rig.turn();
    expect(rig.clock.pending).toBe(1);
    rig.watches.forget(watcher);
    expect(rig.clock.pending).toBe(0);
  });
});

describe("a watcher that does not take what it is sent", () => {
  test("is set aside, feels nothing of what happens, and gets it in order from the log when it does", async () => {
    const rig = new WatchRig();
    const [slow, quick] = [rig.watcher("ann"), rig.watcher()];
    await rig.watch(slow);
    await rig.watch(quick, { room: "ann" });
    await rig.put("ann", "a");
    await rig.turn();
    slow.waiting(BACKLOG_BYTES + 1);
    const before = slow.told.length;
    for (let i = 0; i < 100; i++) {
      await rig.put("ann", `k${i % 7}`);
      await rig.turn();
    }
    expect(slow.told).toHaveLength(before);
    expect(quick.heard("changes")).toHaveLength(101);
    slow.waiting(0);
    await rig.turn();
    await rig.put("ann", "last");
    await rig.turn();
    expect(changedRevisions(slow).flat()).toEqual(Array.from({ length: 102 }, (_, i) => i + 1));
    // Back on the live push: said once for both.
    expect(rig.audience.said.at(-1)?.payload.changes).toHaveLength(1);
    expect(changedRevisions(slow).at(-1)).toEqual([102]);
  });

  test("is told of the gap where the log has moved past it", async () => {
    const rig = new WatchRig(["ann"], new MemoryEngine({ logRecords: 5 }));
    const slow = rig.watcher("ann");
    await rig.watch(slow);
    slow.waiting(BACKLOG_BYTES + 1);
    for (let i = 0; i < 10; i++) await rig.put("ann", `k${i}`);
    await rig.turn();
    slow.waiting(0);
    await rig.turn();
    await rig.put("ann", "last");
    await rig.turn();
    expect(slow.told.slice(1)).toMatchObject([
      { name: "start", payload: { gap: true, position: { revision: 10 }, snapshot: { length: 10 } } },
      { name: "changes", payload: { changes: [{ revision: 11 }] } },
    ]);
  });

  test("up to the limit stays on the live push", async () => {
    const rig = new WatchRig();
    const watcher = rig.watcher("ann");
    await rig.watch(watcher);
    watcher.waiting(BACKLOG_BYTES);
    await rig.put("ann", "a");
    await rig.turn();
    expect(changedRevisions(watcher)).toEqual([[1]]);
  });

  test("gets what is pushed to others while it is caught up, and stays when those others go", async () => {
    const rig = new WatchRig();
    const [slow, passing] = [rig.watcher("ann"), rig.watcher()];
    await rig.watch(slow);
    slow.waiting(BACKLOG_BYTES + 1);
    await rig.put("ann", "a");
    await rig.turn();
    await rig.watch(passing, { room: "ann" });
    rig.watches.forget(passing);
    rig.engine.afterRead = async () => {
      rig.engine.afterRead = async () => undefined;
      await rig.put("ann", "b");
      await rig.turn();
    };
    slow.waiting(0);
    await rig.turn();
    await rig.put("ann", "c");
    await rig.turn();
    expect(changedRevisions(slow)).toEqual([[1, 2], [3]]);
  });

  test("and that goes meanwhile leaves nothing behind", async () => {
    const rig = new WatchRig();
    const slow = rig.watcher("ann");
    await rig.watch(slow);
    slow.waiting(BACKLOG_BYTES + 1);
    await rig.put("ann", "a");
    await rig.turn();
    expect(rig.engine.following).toBe(1);
    rig.watches.forget(slow);
    slow.abort();
    await rig.turn();
    expect(slow.channels.size + rig.engine.following).toBe(0);
  });

  test("gets the pages of what it has missed at its own pace, with what happens on the way", async () => {
    const rig = new WatchRig();
    const slow = rig.watcher("ann");
    await rig.watch(slow);
    slow.waiting(BACKLOG_BYTES + 1);
    for (let i = 0; i < 10; i++) await rig.put("ann", `k${i}`, "x".repeat(400_000));
    await rig.turn();
    slow.weight = BACKLOG_BYTES;
    slow.take();
    const pages: number[][][] = [];
    for (let page = 0; page < 8; page++) {
      slow.waiting(0);
      await rig.turn();
      if (page === 1) await rig.put("ann", "meanwhile");
      pages.push(changedRevisions(slow));
      slow.take();
    }
    expect(pages).toEqual([[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]], [[9, 10]], [[11]], [], []]);
  });
});

test("a newcomer that is held up for longer than is kept for it reads again: nothing is missing, little is kept", async () => {
  const rig = new WatchRig();
  const [present, newcomer] = [rig.watcher(), rig.watcher("ann")];
  await rig.watch(present, { room: "ann" });
  newcomer.waiting(BACKLOG_BYTES);
  let reads = 0;
  rig.engine.beforeRead = async () => void reads++;
  const asked = rig.watch(newcomer);
  await rig.turn();
  for (let i = 0; i < 30; i++) {
    await rig.put("ann", `k${i % 5}`, "x".repeat(50_000));
    await rig.turn();
  }
  expect([reads, newcomer.told]).toEqual([1, []]);
  newcomer.waiting(0);
  await rig.turn();
  await asked;
  expect(reads).toBe(2);
  expect(newcomer.heard("answer")).toMatchObject([{ position: { revision: 30 } }]);
});

test("a slow watcher that is held up again while it is caught up misses nothing either", async () => {
  const rig = new WatchRig();
  const [present, slow] = [rig.watcher(), rig.watcher("ann")];
  await rig.watch(present, { room: "ann" });
  await rig.watch(slow);
  slow.waiting(BACKLOG_BYTES + 1);
  await rig.put("ann", "a");
  await rig.turn();
  rig.engine.afterRead = async () => {
    rig.engine.afterRead = async () => undefined;
    slow.waiting(BACKLOG_BYTES);
  };
  slow.waiting(0);
  await rig.turn();
  for (let i = 0; i < 30; i++) {
    await rig.put("ann", `k${i % 5}`, "x".repeat(50_000));
    await rig.turn();
  }
  slow.waiting(0);
  await rig.turn();
  await rig.put("ann", "last");
  await rig.turn();
  expect(changedRevisions(slow).flat()).toEqual(Array.from({ length: 32 }, (_, i) => i + 1));
});

test("many watches of one connection that does not take what it is sent answer one after the other", async () => {
  const rig = new WatchRig();
  for (let i = 0; i < 5; i++) await rig.put("ann", `k${i}`, "x".repeat(100_000));
  const watcher = rig.watcher("ann");
  watcher.weight = 500_000;
  const asked = Array.from({ length: 20 }, (_, copy) => rig.watch(watcher, { copy: copy + 1 }));
  await rig.turn();
  const answered = [watcher.told.length];
  for (let i = 0; i < 19; i++) {
    watcher.waiting(0);
    await rig.turn();
    answered.push(watcher.told.length);
  }
  await Promise.all(asked);
  expect(answered).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});
