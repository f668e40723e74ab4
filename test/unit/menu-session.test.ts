import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { MenuSession } from "../../client/menu/session.ts";
import type { Notice } from "../../client/notices/notice.ts";
import type { Store, StoreEvents } from "../../client/sdk/index.ts";
import { FakeStore } from "../support/cli-fake-store.ts";
import { at, change, entry, setUp } from "../support/sdk-watches.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask"] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A session that watches Ann's room, live at revision 1; the server of its watches is the test. */
function watchingSession() {
  const rig = setUp();
  const listeners: StoreEvents["state"][] = [];
  const on: Store["on"] = (event, listener) => {
    // The event's name says which listener it is.
    if (event === "state") listeners.push(listener as StoreEvents["state"]);
    return () => undefined;
  };
  const room = (name: string) => ({ watch: () => rig.open({}, name) });
  const store = Object.assign(new FakeStore(), { on, room });
  const shown: Notice[] = [];
  const show = (notices: readonly Notice[]): boolean => shown.push(...notices) > 0;
  const session = new MenuSession(store as unknown as Store, () => undefined, show);
  session.watching.open("ann");
  rig.last().answer({ watch: "w", position: at(1), snapshot: [entry("a", 1)] });
  const connectionIs: StoreEvents["state"] = (...news) => listeners.forEach((listener) => void listener(...news));
  return { ...rig, connectionIs, session, shown };
}

test("what has come is told before it ends, as a kept watch goes on behind it", () => {
  const { push, session, shown } = watchingSession();
  push(2, change(2));
  session.leave();
  expect(shown).toMatchObject([{ kind: "begin" }, { kind: "put", key: "a" }]);
});

test("how an earlier cut ended is told no more once there is another", () => {
  const { connectionIs, last, session, watches } = watchingSession();
  watches.disconnected();
  watches.connected();
  last().answer({ watch: "w", position: at(2), changes: [change(2)] });
  jest.advanceTimersByTime(1_000);
  expect(session.recovery).toEqual({ replayed: 1, gap: false });
  connectionIs("reconnecting", "Lost again.");
  connectionIs("connected", "Back again.");
  expect(session.recovery).toBeNull();
  session.leave();
});
