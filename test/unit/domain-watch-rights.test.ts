import { expect, test } from "@jest/globals";
import { type FakeWatcher, WatchRig } from "../support/watching.ts";

const LOST = "You are no manager any more.";

/** A manager who watches a stranger's room, a part of another's, and his own. */
async function manager(rig: WatchRig): Promise<FakeWatcher> {
  const watcher = rig.watcher("boss");
  for (const question of [{ room: "ann" }, { room: "bob", prefix: "a" }, { room: "boss" }]) {
    await rig.watch(watcher, question);
  }
  await rig.turn();
  return watcher;
}

function rigOfThree(): WatchRig {
  return new WatchRig(["ann", "bob", "boss"]);
}

test("whoever loses his role gets nothing more of other rooms, also not what is pending in the turn; his own goes on", async () => {
  const rig = rigOfThree();
  const [watcher, other] = [await manager(rig), await manager(rig)];
  const bystander = rig.watcher("ann");
  await rig.watch(bystander);
  watcher.take();
  for (const room of ["ann", "bob", "boss"]) await rig.put(room, "a", `secret of ${room}`);
  rig.watches.revoke("boss");
  for (const room of ["ann", "bob", "boss"]) await rig.put(room, "a2", `secret of ${room}`);
  await rig.turn();
  expect(watcher.told).toMatchObject([
    { name: "end", payload: { room: "ann", reason: LOST, code: "forbidden" } },
    { name: "end", payload: { room: "bob", reason: LOST, code: "forbidden" } },
    { name: "changes", payload: { room: "boss", changes: [{ revision: 1 }, { revision: 2 }] } },
  ]);
  expect(other.heard("end")).toHaveLength(2);
  expect(JSON.stringify([watcher.told, other.told])).not.toMatch(/secret of (ann|bob)/);
  expect(bystander.heard("changes")).toMatchObject([{ changes: [{ revision: 1 }, { revision: 2 }] }]);
  expect([...watcher.channels]).toHaveLength(1);
});

test("who watches only his own room is left alone", async () => {
  const rig = rigOfThree();
  const watcher = rig.watcher("boss");
  await rig.watch(watcher);
  rig.watches.revoke("boss");
  rig.watches.revoke("nobody");
  expect(watcher.heard("end")).toEqual([]);
});

test("a watch of all rooms ends as a whole", async () => {
  const rig = rigOfThree();
  const watcher = rig.watcher("boss");
  await rig.watch(watcher, { room: "*" });
  await rig.turn();
  watcher.take();
  for (const room of ["ann", "boss"]) await rig.put(room, "a");
  rig.watches.revoke("boss");
  rig.accounts.create("dora", "password");
  await rig.turn();
  expect(watcher.told).toMatchObject([{ name: "end", payload: { room: "*", reason: LOST, code: "forbidden" } }]);
  expect(rig.engine.following).toBe(0);
});

test.each(["one room", "all rooms"])("a watch of %s that is about to begin does not", async (which) => {
  const rig = rigOfThree();
  await rig.put("ann", "a", "secret");
  const watcher = rig.watcher("boss");
  rig.engine.afterRead = async () => rig.watches.revoke("boss");
  const asked = rig.watch(watcher, { room: which === "one room" ? "ann" : "*" }).catch((error) => error.code);
  await rig.turn();
  expect(await asked).toBe(which === "one room" ? "forbidden" : undefined);
  // What was never answered has no end either.
  expect(watcher.told.map(({ name }) => name)).toEqual(which === "one room" ? [] : ["answer", "end"]);
  expect(rig.engine.following).toBe(0);
});

test("one that is being sent in pages gets none further", async () => {
  const rig = rigOfThree();
  for (let i = 0; i < 8; i++) await rig.put("ann", `k${i}`, "x".repeat(300_000));
  const watcher = rig.watcher("boss");
  watcher.weight = 2 ** 20;
  const asked = rig.watch(watcher, { room: "ann" });
  await rig.turn();
  expect(watcher.told).toHaveLength(1);
  watcher.waiting(0);
  rig.watches.revoke("boss");
  watcher.waiting(0);
  await rig.turn();
  await asked;
  expect(watcher.told.slice(1).map(({ name }) => name)).toEqual(["end"]);
});

test("one that was too slow is not caught up", async () => {
  const rig = rigOfThree();
  const watcher = await manager(rig);
  watcher.waiting(2 ** 21);
  await rig.put("ann", "a", "secret");
  await rig.turn();
  rig.watches.revoke("boss");
  watcher.waiting(0);
  await rig.turn();
  expect(JSON.stringify(watcher.told)).not.toContain("secret");
  // What is left is his own room's.
  expect(rig.engine.following).toBe(1);
});
