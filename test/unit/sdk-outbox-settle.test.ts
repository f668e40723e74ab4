import { expect, test } from "@jest/globals";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, DONE, ignore, OTHER, OutboxRig, turn } from "../support/outbox-rig.ts";

/** Writes after which the server is told. */
const EVERY = 1024;

function signedIn(deadlineMs?: number): OutboxRig {
  const rig = new OutboxRig(deadlineMs);
  rig.connect();
  return rig;
}

/** So many writes, each sent and done. */
async function write(rig: OutboxRig, count: number): Promise<void> {
  const sent = rig.sent.length;
  rig.puts(count);
  await turn();
  for (let i = sent; i < rig.sent.length; i++) rig.done(i);
  await turn();
}

const settled = (rig: OutboxRig) =>
  rig.sent.flatMap(({ name, payload }) => (name === "settle" ? [payload["upTo"]] : []));

test("the server is told after so many writes that it may forget them, and not before", async () => {
  const rig = signedIn();
  await write(rig, EVERY - 1);
  expect(settled(rig)).toEqual([]);
  await write(rig, 1);
  expect(settled(rig)).toEqual([EVERY]);
  rig.answer(-1, { ok: true, value: {} });
  await write(rig, EVERY);
  expect(settled(rig)).toEqual([EVERY, 2 * EVERY]);
});

test("reads do not count", async () => {
  const rig = signedIn();
  ignore(...Array.from({ length: EVERY }, (_, i) => rig.get(String(i))));
  await turn();
  rig.answer(-1, ...Array(EVERY).fill({ ok: true, value: null }));
  await write(rig, EVERY - 1);
  expect(settled(rig)).toEqual([]);
});

test("never beyond a write that is unanswered", async () => {
  const rig = signedIn();
  await write(rig, 10);
  ignore(rig.put("slow"));
  await turn();
  const slow = rig.sent.length - 1;
  await write(rig, EVERY);
  await write(rig, EVERY);
  expect(settled(rig)).toEqual([]);
  rig.answer(slow, DONE);
  await turn();
  expect(settled(rig)).toEqual([2 * EVERY + 11]);
});

test("never beyond a write whose outcome is unknown, as long as the session goes on", async () => {
  const rig = signedIn(1_000);
  await write(rig, EVERY);
  await write(rig, EVERY - 1);
  const doubtful = rejectionOf(rig.put("x"));
  await turn();
  rig.clock.advance(1_000);
  expect(await doubtful).toMatchObject({ op: `${CLIENT}:${2 * EVERY}` });
  await write(rig, EVERY);
  rig.outbox.disconnected();
  rig.connect(CLIENT, true);
  await write(rig, EVERY);
  expect(settled(rig)).toEqual([EVERY]);
  // The next session's operations are others, with higher counters.
  rig.outbox.disconnected();
  rig.connect(OTHER);
  await write(rig, 1);
  expect(settled(rig)).toEqual([EVERY, 4 * EVERY + 1]);
});

test("a server that knows no batches is told nothing", async () => {
  const rig = new OutboxRig();
  rig.connectOld();
  rig.puts(2 * EVERY);
  await turn();
  for (let i = 0; i < 2 * EVERY; i++) rig.answer(i, DONE);
  await turn();
  expect(settled(rig)).toEqual([]);
});
