import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Recovery } from "../../client/notices/catch-up.ts";
import type { Notice } from "../../client/notices/notice.ts";
import { Watching } from "../../client/notices/watching.ts";
import type { ConnectionState, Store } from "../../client/sdk/index.ts";
import { at, change, entry, setUp } from "../support/sdk-watches.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask"] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A menu's watches over the SDK's, whose server is the test, and what was shown at once. */
function menu() {
  const rig = setUp();
  const shown: Notice[] = [];
  const recoveries: Recovery[] = [];
  const connection: { state: ConnectionState } = { state: "connected" };
  const store = Object.assign(connection, { room: (room: string) => ({ watch: () => rig.open({}, room) }) });
  const watching = new Watching(store as unknown as Store, {
    show: (notices) => void shown.push(...notices),
    liveAgain: (recovery) => void recoveries.push(recovery),
    changed: () => undefined,
  });
  return { ...rig, connection, recoveries, shown, watching };
}

test("that the server cannot take a watch yet is said with its reason, once until it is live", async () => {
  const { clock, last, shown, watching, watches } = menu();
  watching.open("bob");
  const refuse = async (): Promise<void> => {
    last().refuse("rate_limited", true);
    await Promise.resolve();
  };
  await refuse();
  clock.advance(1_000);
  await refuse();
  expect(shown).toMatchObject([{ kind: "waiting", room: "bob", reason: "No. Next try in 1 s." }]);
  clock.advance(2_000);
  last().answer({ watch: "w", position: at(0), snapshot: [] });
  watches.ended({ watch: "w", room: "bob", reason: "Busy.", code: "unavailable" });
  await Promise.resolve();
  expect(shown).toMatchObject([{}, { kind: "waiting", reason: "Busy. Next try in 4 s." }]);
  expect(watching.isLive).toBe(false);
  watching.close("bob");
  watching.open("bob");
  await refuse();
  expect(shown).toHaveLength(3);
  watching.stop();
});

test("a lost connection is no news of a watch, nor is a watch that was closed", async () => {
  const { connection, last, shown, watching, watches } = menu();
  watching.open("bob");
  last().answer({ watch: "w", position: at(0), snapshot: [] });
  watches.disconnected();
  connection.state = "reconnecting";
  await Promise.resolve();
  connection.state = "connected";
  watches.connected();
  last().refuse("rate_limited", true);
  watching.close("bob");
  await Promise.resolve();
  expect(shown).toEqual([]);
  watching.stop();
});

/** Ann's room, live at revision 1, then cut off and back, but not answered yet. */
async function cutOff() {
  const rig = menu();
  rig.watching.open("ann");
  rig.last().answer({ watch: "w", position: at(1), snapshot: [entry("a", 1)] });
  rig.connection.state = "reconnecting";
  rig.watches.disconnected();
  await Promise.resolve();
  rig.connection.state = "connected";
  rig.watches.connected();
  return rig;
}

const DONE = { revision: 2, version: 1 };

test.each(["before", "behind"])(
  "a write of one's own is no missed change, its answer %s the watch's",
  async (order) => {
    const { last, recoveries, shown, watching } = await cutOff();
    let answer: (done: typeof DONE) => void = () => undefined;
    const answered = new Promise<typeof DONE>((resolve) => {
      answer = resolve;
    });
    const written = watching.write("ann", () => answered);
    const answerWrite = async (): Promise<void> => {
      answer(DONE);
      await written;
    };
    if (order === "before") await answerWrite();
    last().answer({ watch: "w", position: at(3), changes: [change(2, "mine"), change(3, "b")] });
    if (order === "behind") await answerWrite();
    jest.advanceTimersByTime(1_000);
    expect(recoveries).toEqual([{ replayed: 1, gap: false }]);
    expect(shown).toMatchObject([{ kind: "begin" }, { kind: "put", key: "b" }]);
    watching.stop();
  },
);

test("what comes when a room is live again was not missed, however soon", async () => {
  const { last, push, recoveries, watching } = await cutOff();
  last().answer({ watch: "w", position: at(2), changes: [change(2)] });
  push(3, change(3));
  jest.advanceTimersByTime(1_000);
  expect(recoveries).toEqual([{ replayed: 1, gap: false }]);
  watching.stop();
});

test("a watch that has to wait is closed: the others have caught up, and what comes then is not late", async () => {
  const { last, push, recoveries, watching, watches } = await cutOff();
  const anns = last();
  watching.open("bob");
  last().refuse("rate_limited", true);
  anns.answer({ watch: "w", position: at(2), changes: [change(2)] });
  jest.advanceTimersByTime(1_000);
  expect(recoveries).toEqual([]);
  watching.close("bob");
  jest.advanceTimersByTime(1_000);
  expect(recoveries).toEqual([{ replayed: 1, gap: false }]);
  push(3, change(3));
  watches.disconnected();
  watches.connected();
  last().answer({ watch: "w", position: at(4), changes: [change(4)] });
  jest.advanceTimersByTime(1_000);
  expect(recoveries).toHaveLength(2);
  expect(recoveries[1]).toEqual({ replayed: 1, gap: false });
  watching.stop();
});

test("what has come can be shown before its time", () => {
  const { last, push, shown, watching } = menu();
  watching.open("ann");
  last().answer({ watch: "w", position: at(1), snapshot: [] });
  push(2, change(2));
  expect(shown).toEqual([]);
  watching.flush();
  expect(shown).toMatchObject([{ kind: "begin" }, { kind: "put", key: "a" }]);
  watching.stop();
});
