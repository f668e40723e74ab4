import { expect, test } from "@jest/globals";
import { Locking } from "../../client/lines/locking.ts";
import { KeyroomError, type StoreEvents } from "../../client/sdk/index.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

/** A store whose events the test makes up, and whose locks are had at once. */
function tellingStore() {
  const listeners: { readonly event: string; readonly listener: unknown }[] = [];
  const unlocked: string[][] = [];
  return Object.assign(new FakeStore(), {
    unlocked,
    on: <E extends keyof StoreEvents>(event: E, listener: StoreEvents[E]) => {
      listeners.push({ event, listener });
      return () => undefined;
    },
    lock: async () => ({ fence: 1 }),
    unlock: async (keys: readonly string[]) => void unlocked.push([...keys]),
    tell: (event: "locks" | "session", push: object) => {
      for (const it of listeners) if (it.event === event) (it.listener as (push: object) => void)(push);
    },
  });
}

test("a lost lock is told with its reason, and is not given up once more", async () => {
  const store = tellingStore();
  const told: string[] = [];
  const locking = new Locking(store, (text) => told.push(text));
  await locking.lock(["a", "b", "c"], "exclusive");
  store.tell("locks", { room: "alice", lost: { keys: ["a"], reason: "deleted" } });
  store.tell("locks", { room: "bob", lost: { keys: ["b"], reason: "revoked" } });
  expect(told).toEqual(["The lock on a is lost: the room was deleted."]);
  await locking.unlock(["b"]);
  await locking.stop();
  expect(store.unlocked).toEqual([["b"], ["c"]]);
});

test("what was refused is not told as lost, and needs no unlock; what is waited for does", async () => {
  const store = tellingStore();
  const told: string[] = [];
  const locking = new Locking(store, (text) => told.push(text));
  await locking.lock(["a"], "exclusive");
  let refuse = (): void => undefined;
  store.lock = () =>
    new Promise<never>((_, reject) => {
      refuse = () => reject(new KeyroomError("locked", "Somebody has it."));
    });
  const refused = locking.lock(["a", "b"], "exclusive");
  refuse();
  await expect(refused).rejects.toMatchObject({ code: "locked" });
  locking.lock(["c"], "exclusive").catch(() => undefined);
  store.tell("session", { ...store.session, resumed: false });
  expect(told).toEqual(["The lock on a is lost: the session is over."]);
  await locking.stop();
  expect(store.unlocked).toEqual([["c"]]);
});

test("all are lost with the session, which is told once", async () => {
  const store = tellingStore();
  const told: string[] = [];
  const locking = new Locking(store, (text) => told.push(text));
  await locking.lock(["a", "b"], "exclusive");
  store.tell("session", { ...store.session, resumed: true });
  expect(told).toEqual([]);
  for (let i = 0; i < 2; i++) store.tell("session", { ...store.session, resumed: false });
  expect(told).toEqual(["The lock on a, b is lost: the session is over."]);
  await locking.stop();
  expect(store.unlocked).toEqual([]);
});
