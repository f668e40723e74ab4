import { expect, test } from "@jest/globals";
import { OwnLocks } from "../../client/menu/own-locks.ts";
import type { Workroom } from "../../client/menu/workroom.ts";
import { type ErrorCode, KeyroomError, type LockList, type Store, type StoreEvents } from "../../client/sdk/index.ts";

/** What is held, and told of it; the server is the test. */
function setUp() {
  const listeners: { locks: StoreEvents["locks"][]; session: StoreEvents["session"][] } = { locks: [], session: [] };
  const on: Store["on"] = (event, listener) => {
    // The event's name says which listener it is.
    if (event === "locks") listeners.locks.push(listener as StoreEvents["locks"]);
    if (event === "session") listeners.session.push(listener as StoreEvents["session"]);
    return () => undefined;
  };
  const told: string[] = [];
  const unlocked: string[] = [];
  let changes = 0;
  let list: LockList | KeyroomError = { holders: [], waiters: [], more: false };
  const room = (name: string): Workroom => {
    const keys = {
      lock: async () => ({ fence: 1 }),
      unlock: async (keys: readonly string[]) => void unlocked.push(`${name}: ${keys.join()}`),
      locks: async () => {
        if (list instanceof KeyroomError) throw list;
        return list;
      },
    };
    // What is held uses no more of a room.
    return { name, others: null, keys } as unknown as Workroom;
  };
  const locks = new OwnLocks(
    { on },
    { lost: (room, keys, why) => told.push(`${room}: ${keys.join()}: ${why}`), changed: () => changes++ },
  );
  return {
    locks,
    room,
    told,
    unlocked,
    changes: () => changes,
    push: (push: Parameters<StoreEvents["locks"]>[0]) => listeners.locks.forEach((listener) => void listener(push)),
    // No more of it is read.
    reconnect: (resumed: boolean) =>
      listeners.session.forEach((listener) => void listener({ resumed } as Parameters<typeof listener>[0])),
    refuses: (code: ErrorCode) => {
      list = new KeyroomError(code, "No.");
    },
    holds: (keys: readonly string[], more = false) => {
      const holder = { mode: "exclusive" as const, user: "ada", since: 0, fence: 1 };
      const mine = keys.map((key) => ({ ...holder, key, mine: true }));
      list = { holders: [...mine, { ...holder, key: "a", mine: false }], waiters: [], more };
    },
  };
}

test("what is taken counts once for each key, until it is released", async () => {
  const { locks, room, changes, unlocked } = setUp();
  await locks.take(room("ada"), ["a", "b"], {});
  await locks.take(room("ada"), ["b"], { mode: "shared" });
  await locks.take(room("bob"), ["a"], {});
  expect([locks.count, locks.holds("ada", "b"), locks.holds("bob", "b")]).toEqual([3, true, false]);
  const before = changes();
  await locks.release(room("ada"), ["a", "c"]);
  expect([locks.count, unlocked, changes()]).toEqual([2, ["ada: a,c"], before + 1]);
});

test("a loss is told in the server's words, for what was held only", async () => {
  const [reason, message] = ["lease", "its lease was over."];
  const { locks, room, told, push } = setUp();
  await locks.take(room("ada"), ["a", "b"], {});
  push({ room: "bob", lost: { keys: ["a"], reason, message } });
  push({ room: "ada", lost: { keys: ["a", "c"], reason, message } });
  push({ room: "ada", lost: { keys: ["a"], reason, message } });
  expect([told, locks.count]).toEqual([[`ada: a: ${message}`], 1]);
});

test("a session that the server has forgotten has lost all", async () => {
  const { locks, room, told, reconnect } = setUp();
  await locks.take(room("ada"), ["a"], {});
  await locks.take(room("bob"), ["b"], {});
  reconnect(false);
  const why = "the server does not know this session any more.";
  expect([told, locks.isEmpty]).toEqual([[`ada: a: ${why}`, `bob: b: ${why}`], true]);
});

test("what went while the connection was lost is found missing, unless not all are listed", async () => {
  const { locks, room, told, reconnect, holds } = setUp();
  await locks.take(room("ada"), ["a", "b"], {});
  holds(["b"], true);
  reconnect(true);
  await new Promise(setImmediate);
  expect(told).toEqual([]);
  holds(["b"]);
  reconnect(true);
  await new Promise(setImmediate);
  expect([told, locks.count]).toEqual([["ada: a: it was given up while the connection was lost."], 1]);
});

test("whoever may not look into a room any more has lost his locks there; a server in trouble says nothing of them", async () => {
  const { locks, room, told, reconnect, refuses } = setUp();
  await locks.take(room("bob"), ["a"], {});
  refuses("unavailable");
  reconnect(true);
  await new Promise(setImmediate);
  expect([told, locks.count]).toEqual([[], 1]);
  refuses("forbidden");
  reconnect(true);
  await new Promise(setImmediate);
  expect([told, locks.count]).toEqual([["bob: a: it was given up while the connection was lost."], 0]);
});

test("all that is held or waited for is given up at once", async () => {
  const { locks, room, unlocked } = setUp();
  await locks.take(room("ada"), ["a", "b"], {});
  let settle = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const waiting = locks.waiting(room("ada"), ["c"], asked);
  const over = locks.waiting(room("ada"), ["d"], Promise.resolve());
  await over;
  expect(locks.isEmpty).toBe(false);
  await locks.releaseAll();
  expect(unlocked).toEqual(["ada: a,b", "ada: c"]);
  settle();
  await waiting;
  expect(locks.isEmpty).toBe(true);
});
