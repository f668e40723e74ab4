import { expect, test } from "@jest/globals";
import { Audience } from "../../client/sdk/audience.ts";
import type { Watcher } from "../../client/sdk/types.ts";
import { CLIENT, OutboxRig, refusal } from "../support/outbox-rig.ts";

const bob = { user: "bob", since: 1 };
const cleo = { user: "cleo", since: 2 };

function setUp() {
  const rig = new OutboxRig();
  const told: (readonly Watcher[])[] = [];
  const audience = new Audience(rig.outbox, (watchers) => void told.push(watchers));
  rig.connectOld();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Asks, and has it answered. */
  const ask = async (...watchers: readonly Watcher[]): Promise<readonly Watcher[]> => {
    const asked = audience.ask();
    await turn();
    rig.answer(-1, { ok: true, value: { watchers } });
    return asked;
  };
  return { ask, audience, rig, told, turn };
}

test("who asks is answered; from then on changes are told, as all who watch", async () => {
  const { ask, audience, told } = setUp();
  expect(await ask(bob)).toEqual([bob]);
  expect(told).toEqual([]);
  audience.changed({ joined: [cleo], left: [] });
  audience.changed({ joined: [], left: ["bob"] });
  // He has gone and come again within the second.
  audience.changed({ joined: [{ ...cleo, since: 5 }], left: ["cleo"] });
  expect(told).toEqual([[bob, cleo], [cleo], [{ ...cleo, since: 5 }]]);
});

test("what is pushed in the very turn of the answer is a difference from that", async () => {
  const { audience, rig, told, turn } = setUp();
  const asked = audience.ask();
  await turn();
  rig.answer(-1, { ok: true, value: { watchers: [bob] } });
  audience.changed({ joined: [cleo], left: [] });
  expect(await asked).toEqual([bob]);
  expect(told).toEqual([[bob, cleo]]);
});

test("on the next connection it asks again, and tells what is different", async () => {
  const { ask, audience, rig, told, turn } = setUp();
  audience.connected();
  await turn();
  expect(rig.sent).toEqual([]);
  await ask(bob);
  for (const watchers of [[bob], [cleo], []]) {
    rig.outbox.disconnected();
    rig.connectOld(CLIENT, true);
    audience.connected();
    await turn();
    rig.answer(-1, { ok: true, value: { watchers } });
  }
  expect(rig.events).toEqual(Array(4).fill("watchers"));
  expect(told).toEqual([[cleo], []]);
});

test("when asking again fails, nothing is told, and the next connection asks again", async () => {
  const { ask, audience, rig, told, turn } = setUp();
  await ask(bob);
  audience.connected();
  await turn();
  rig.answer(-1, refusal("internal"));
  await turn();
  audience.connected();
  await turn();
  expect([rig.sent.length, told]).toEqual([3, []]);
});
