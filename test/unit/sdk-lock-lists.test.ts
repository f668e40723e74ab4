import { expect, test } from "@jest/globals";
import { LockLists } from "../../client/sdk/lock-lists.ts";
import type { LockList } from "../../client/sdk/types.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

const NONE: LockList = { holders: [], waiters: [], more: false };
const MORE: LockList = { ...NONE, more: true };

function setUp() {
  const rig = new OutboxRig();
  const lists = new LockLists(rig.outbox);
  rig.connect();
  const told: LockList[] = [];
  const follow = async (room = "ann"): Promise<() => void> => {
    const following = lists.follow(room, (list) => told.push(list));
    await turn();
    rig.answer(-1, { ok: true, value: NONE });
    return following;
  };
  return { rig, lists, told, follow };
}

test("how the locks stand is told first as it is answered, then as it is pushed, of that room alone", async () => {
  const { lists, told, follow, rig } = setUp();
  await follow();
  lists.pushed({ room: "ann", list: MORE });
  lists.pushed({ room: "bob", list: MORE });
  lists.pushed({ room: "ann", granted: { keys: ["a"], mode: "shared", fence: 1 } });
  expect(told).toEqual([NONE, MORE]);
  expect(rig.sent[0]?.payload).toEqual({ room: "ann", follow: true });
});

test("each connection is asked again, and what it answers is told", async () => {
  const { lists, told, follow, rig } = setUp();
  await follow();
  rig.outbox.disconnected();
  rig.connect(CLIENT, true);
  lists.connected();
  await turn();
  expect(rig.events).toEqual(["locks", "locks"]);
  rig.answer(-1, { ok: true, value: MORE });
  expect(told).toEqual([NONE, MORE]);
});

test("when the last who follows stops, the server is told, and no connection is asked again", async () => {
  const { lists, told, follow, rig } = setUp();
  const [first, second] = [await follow(), await follow()];
  first();
  first();
  await turn();
  expect(rig.sent).toHaveLength(2);
  second();
  await turn();
  expect(rig.sent.at(-1)?.payload).toMatchObject({ room: "ann", follow: false });
  lists.connected();
  lists.pushed({ room: "ann", list: MORE });
  await turn();
  expect([rig.sent.length, told]).toEqual([3, [NONE, NONE, NONE]]);
});

test("whoever may not look is told so, and nothing else", async () => {
  const { lists, rig } = setUp();
  const refused = rejectionOf(lists.follow("bob", () => undefined));
  await turn();
  rig.answer(-1, refusal("forbidden"));
  expect(await refused).toMatchObject({ code: "forbidden" });
  lists.connected();
  await turn();
  expect(rig.sent.filter(({ payload }) => payload["follow"] === true)).toHaveLength(1);
});
