import { expect, test } from "@jest/globals";
import type { Notice } from "../../client/notices/notice.ts";
import { Watching } from "../../client/notices/watching.ts";
import type { ConnectionState, Store } from "../../client/sdk/index.ts";
import { at, setUp } from "../support/sdk-watches.ts";

/** A menu's watches over the SDK's, whose server is the test, and what was shown at once. */
function menu() {
  const rig = setUp();
  const shown: Notice[] = [];
  const connection: { state: ConnectionState } = { state: "connected" };
  const store = Object.assign(connection, { room: (room: string) => ({ watch: () => rig.open({}, room) }) });
  const watching = new Watching(store as unknown as Store, {
    show: (notices) => void shown.push(...notices),
    liveAgain: () => undefined,
    changed: () => undefined,
  });
  return { ...rig, connection, shown, watching };
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
