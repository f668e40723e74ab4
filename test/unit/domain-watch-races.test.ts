import { describe, expect, test } from "@jest/globals";
import { Mirror } from "../support/watch-mirror.ts";
import { type FakeWatcher, WatchRig } from "../support/watching.ts";

/** Everything a watcher of one room was told, folded. */
function mirror({ told }: FakeWatcher): Mirror {
  const folded = new Mirror();
  for (const { name, payload } of told) {
    if (name === "answer" || name === "start") folded.start(payload);
    if (name === "changes") folded.changes(payload);
  }
  return folded;
}

async function values(rig: WatchRig, room = "ann"): Promise<Record<string, string>> {
  const watcher = rig.watcher();
  await rig.watch(watcher, { room });
  rig.watches.forget(watcher);
  return mirror(watcher).values;
}

/** The moments at which a commit may fall between asking and being answered, and whether somebody watches already. */
const MOMENTS = ["before it is asked", "before the read", "between read and answer", "after the answer"] as const;

describe.each([
  ["the first watcher", false],
  ["a newcomer", true],
])("%s", (_who, isJoining) => {
  const subsets = Array.from({ length: 2 ** MOMENTS.length }, (_, bits) => MOMENTS.filter((_m, i) => bits & (1 << i)));

  test.each(subsets.map((moments) => [moments.join(", ") || "never", moments] as const))(
    "has every change once: commits %s",
    async (_name, moments) => {
      const rig = new WatchRig();
      await rig.put("ann", "old");
      const present = rig.watcher("ann");
      if (isJoining) await rig.watch(present);
      let count = 0;
      const commitAt = async (moment: (typeof MOMENTS)[number]): Promise<void> => {
        if (!moments.includes(moment)) return;
        // Two, because with one the answer and what is pending agree by chance more often.
        for (let i = 0; i < 2; i++) await rig.put("ann", `k${count++ % 3}`, moment);
      };
      await commitAt("before it is asked");
      rig.engine.beforeRead = () => commitAt("before the read");
      rig.engine.afterRead = () => commitAt("between read and answer");
      const watcher = rig.watcher();
      const asked = rig.watch(watcher, { room: "ann" });
      await asked;
      rig.engine.beforeRead = rig.engine.afterRead = async () => undefined;
      await commitAt("after the answer");
      await rig.turn();
      const expected = await values(rig);
      for (const one of isJoining ? [watcher, present] : [watcher]) {
        const folded = mirror(one);
        expect(folded.values).toEqual(expected);
        expect(folded.position?.revision).toBe(1 + 2 * moments.length);
      }
      if (isJoining)
        expect(mirror(present).revisions).toEqual(Array.from({ length: 2 * moments.length }, (_, i) => i + 2));
    },
  );
});

test("what is pending when a newcomer joins is pushed to those present, and not to him", async () => {
  const rig = new WatchRig();
  const present = rig.watcher("ann");
  await rig.watch(present);
  await rig.put("ann", "a");
  await rig.put("ann", "b");
  const newcomer = rig.watcher();
  await rig.watch(newcomer, { room: "ann" });
  await rig.turn();
  expect(newcomer.told).toMatchObject([{ name: "answer", payload: { position: { revision: 2 } } }]);
  expect(present.heard("changes")).toMatchObject([{ changes: [{ revision: 1 }, { revision: 2 }] }]);
});

test("a newcomer whose answer was read before others were pushed to is told those changes in the answer", async () => {
  const rig = new WatchRig();
  const present = rig.watcher("ann");
  await rig.watch(present);
  await rig.commit("ann", {
    puts: [
      { key: "a", value: "1" },
      { key: "gone", value: "1" },
    ],
  });
  rig.engine.afterRead = async () => {
    await rig.commit("ann", { puts: [{ key: "a", value: "2" }], deletes: ["gone"] });
    await rig.turn();
  };
  const newcomer = rig.watcher();
  await rig.watch(newcomer, { room: "ann" });
  expect(newcomer.told).toMatchObject([
    { name: "answer", payload: { position: { revision: 2 }, snapshot: [{ key: "a", value: "2", revision: 2 }] } },
  ]);
});

test("an answer that has seen more than the feed waits for it", async () => {
  const rig = new WatchRig();
  const [present, newcomer] = [rig.watcher("ann"), rig.watcher()];
  await rig.watch(present);
  const release = rig.engine.holdFollowers();
  await rig.put("ann", "a");
  await rig.put("ann", "b");
  const asked = rig.watch(newcomer, { room: "ann" });
  await rig.turn();
  expect(newcomer.told).toEqual([]);
  release();
  await rig.turn();
  await asked;
  await rig.put("ann", "c");
  await rig.turn();
  expect(mirror(present).revisions).toEqual([1, 2, 3]);
  expect(newcomer.told).toMatchObject([
    { name: "answer", payload: { position: { revision: 2 }, snapshot: [{ key: "a" }, { key: "b" }] } },
    { name: "changes", payload: { changes: [{ revision: 3 }] } },
  ]);
});

test("what the first answer has seen already is not pushed when the engine tells of it late", async () => {
  const rig = new WatchRig();
  const watcher = rig.watcher("ann");
  const release = rig.engine.holdFollowers();
  rig.engine.beforeRead = async () => void (await rig.put("ann", "a"));
  await rig.watch(watcher);
  release();
  await rig.turn();
  expect(watcher.told).toMatchObject([{ name: "answer", payload: { position: { revision: 1 } } }]);
});
