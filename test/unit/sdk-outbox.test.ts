import { expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, DONE, ignore, OTHER, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

const BYE = new KeyroomError("unavailable", "Closed.");
const MiB = 1024 * 1024;

/** Signed in to a server that knows no batches: each request is an event. */
function signedIn(deadlineMs?: number): OutboxRig {
  const rig = new OutboxRig(deadlineMs);
  rig.connectOld();
  return rig;
}

test("nothing is sent before there is a session, and then everything in order", async () => {
  const rig = new OutboxRig();
  const promises = [rig.put("a"), rig.get("b"), rig.put("c")];
  await turn();
  expect(rig.events).toEqual([]);
  rig.connectOld();
  expect(rig.events).toEqual(["put a 1", "get b", "put c 2"]);
  expect(rig.sent[0]?.payload).toEqual({ key: "a", value: "", op: `${CLIENT}:1` });
  rig.answer(0, DONE);
  rig.answer(1, { ok: true, value: null });
  rig.answer(2, DONE);
  expect(await Promise.all(promises)).toMatchObject([{ revision: 1 }, null, { revision: 1 }]);
});

test("an answer's refusal is what the call rejects with", async () => {
  const rig = signedIn();
  const refused = rejectionOf(rig.put("a"));
  await turn();
  rig.answer(0, refusal("conflict"));
  expect(await refused).toMatchObject({ code: "conflict", message: "It is conflict." });
});

test("an outcome that the server itself does not know names the write, too", async () => {
  const rig = signedIn();
  const write = rejectionOf(rig.put("a"));
  await turn();
  rig.answer(0, refusal("unknown_outcome"));
  expect(await write).toMatchObject({
    code: "unknown_outcome",
    message: "It is unknown_outcome.",
    op: `${CLIENT}:1`,
  });
});

test("a write that was never sent carries the id of the session that sends it", () => {
  const rig = new OutboxRig();
  ignore(rig.put("a"));
  rig.connectOld(OTHER);
  expect(rig.sent[0]?.payload).toMatchObject({ op: `${OTHER}:1` });
});

test("there is an end to how many may wait, and to how much", async () => {
  const many = new OutboxRig();
  many.puts(65_536);
  expect(await rejectionOf(many.put("one more"))).toMatchObject({ code: "quota" });
  const much = new OutboxRig();
  const value = "v".repeat(MiB);
  for (let i = 0; i < 31; i++) ignore(much.put("k", value));
  ignore(much.put("", value.slice(62)));
  expect(await rejectionOf(much.put("k", "one unit too many".repeat(3)))).toMatchObject({ code: "quota" });
  much.connectOld();
  await turn();
  much.answer(0, DONE);
  ignore(much.put("k", value));
  await turn();
  expect(much.keys).toHaveLength(33);
});

test("a queue of the greatest length goes out in order, as it is answered", async () => {
  const rig = signedIn();
  const gets = Array.from({ length: 65_536 }, (_, i) => rig.get(String(i)));
  await turn();
  for (let i = 0; i < gets.length; i++) {
    rig.answer(i, { ok: true, value: null });
    if (rig.sent.length === i + 1) await turn();
  }
  await Promise.all(gets);
  expect(rig.keys).toEqual(gets.map((_, i) => String(i)));
});

test("closing rejects what waits: sent writes are unknown, the rest is told why", async () => {
  const rig = signedIn();
  const write = rejectionOf(rig.put("a"));
  const read = rejectionOf(rig.get("a"));
  await turn();
  rig.outbox.disconnected();
  const unsent = rejectionOf(rig.put("b"));
  rig.outbox.close(BYE);
  expect((await write).code).toBe("unknown_outcome");
  expect(await Promise.all([read, unsent])).toEqual([BYE, BYE]);
  expect(await rejectionOf(rig.put("c"))).toBe(BYE);
  expect(rig.clock.pending).toBe(0);
});

test("what is issued and closed in one turn is not sent", async () => {
  const rig = signedIn();
  const write = rejectionOf(rig.put("a"));
  rig.outbox.close(BYE);
  await turn();
  expect(await write).toBe(BYE);
  expect(rig.sent).toEqual([]);
});

test("each call has its own deadline", async () => {
  const rig = signedIn(1_000);
  const first = rejectionOf(rig.put("a"));
  await turn();
  rig.clock.advance(600);
  const second = rig.put("b");
  const third = rejectionOf(rig.get("c"));
  await turn();
  rig.clock.advance(400);
  expect(await first).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
  // The others are younger.
  rig.clock.advance(599);
  rig.answer(1, DONE);
  expect(await second).toMatchObject({ revision: 1 });
  rig.clock.advance(1);
  expect((await third).code).toBe("timeout");
  expect(rig.clock.pending).toBe(0);
});

test("a call that expires before there is a session is never sent", async () => {
  const rig = new OutboxRig(1_000);
  const expired = rejectionOf(rig.put("a"));
  rig.clock.advance(1_000);
  expect(await expired).toMatchObject({ code: "timeout", message: expect.stringMatching(/there was no connection/) });
  rig.connectOld();
  await turn();
  expect(rig.sent).toEqual([]);
});

test("nothing is left behind when all is answered", async () => {
  const rig = signedIn();
  const answered = rig.put("a");
  await turn();
  expect(rig.clock.pending).toBe(1);
  rig.answer(0, DONE);
  await answered;
  expect(rig.clock.pending).toBe(0);
});

test("what is too large for a message is refused, and takes no place and no number", async () => {
  const rig = signedIn();
  const value = "\u0000".repeat(FIXED_LIMITS.frameBytes / 6);
  expect((await rejectionOf(rig.put("a", value))).code).toBe("too_large");
  ignore(rig.put("a"));
  await turn();
  expect(rig.events).toEqual(["put a 1"]);
});

test("who asks may take the answer in its turn, with the ms since it was sent last", async () => {
  const rig = new OutboxRig();
  const taken: unknown[] = [];
  const asked = rig.outbox.request("get", { key: "a" }, (output, ms) => taken.push(output, ms));
  rig.clock.advance(7_000);
  rig.connectOld();
  rig.clock.advance(500);
  rig.outbox.disconnected();
  rig.clock.advance(200);
  rig.connectOld(CLIENT, true);
  rig.clock.advance(30);
  rig.answer(-1, { ok: true, value: null });
  expect(taken).toEqual([null, 30]);
  expect(await asked).toBeNull();
});
