import { describe, expect, test } from "@jest/globals";
import { PACKET_REQUESTS } from "../../client/sdk/packets.ts";
import { BATCH_REQUESTS, FIXED_LIMITS } from "../../protocol/limits.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, DONE, ignore, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

const entry = { ok: true, value: null };
/** Of its own: what is left is for those who ask beside the outbox, above all watches. */
const MOST = FIXED_LIMITS.inFlight - BATCH_REQUESTS;

function signedIn(deadlineMs?: number): OutboxRig {
  const rig = new OutboxRig(deadlineMs);
  rig.connect();
  return rig;
}

describe("what leaves together", () => {
  test("is what one turn has issued, also behind a few awaits", async () => {
    const rig = signedIn();
    ignore(rig.put("a"));
    const later = (async () => {
      await null;
      ignore(rig.get("b"));
      await null;
      await null;
      ignore(rig.put("c"));
    })();
    await Promise.all([later, turn()]);
    ignore(rig.put("d"), rig.put("e"));
    await turn();
    expect(rig.events).toEqual([
      ["put a 1", "get b", "put c 2"],
      ["put d 3", "put e 4"],
    ]);
  });

  test("of one alone is its plain event", async () => {
    const rig = signedIn();
    ignore(rig.put("a"));
    await turn();
    ignore(rig.get("b"));
    await turn();
    expect(rig.events).toEqual(["put a 1", "get b"]);
    expect(rig.sent[0]?.payload).toEqual({ key: "a", value: "", op: `${CLIENT}:1` });
  });

  test("is no request that may not: it goes alone and keeps its place", async () => {
    const rig = signedIn();
    ignore(rig.put("a"), rig.get("b"), rig.outbox.request("upgrade", {}), rig.put("c"));
    ignore(rig.outbox.request("promote", { user: "bob" }), rig.outbox.request("rooms", {}), rig.put("d"), rig.get("e"));
    await turn();
    expect(rig.events).toEqual([["put a 1", "get b"], "upgrade", "put c 2", "promote", "rooms", ["put d 3", "get e"]]);
  });

  test("is at most so many requests, and never more than the server takes at once", async () => {
    const rig = signedIn();
    rig.puts(MOST + 2);
    await turn();
    expect(rig.events.map(({ length }) => length)).toEqual(Array(MOST / PACKET_REQUESTS).fill(PACKET_REQUESTS));
    rig.done(1);
    await turn();
    expect(rig.events.slice(MOST / PACKET_REQUESTS)).toEqual([
      [`put ${MOST} ${MOST + 1}`, `put ${MOST + 1} ${MOST + 2}`],
    ]);
  });

  test("after a reconnect is counted anew", async () => {
    const rig = signedIn();
    rig.puts(MOST + 1);
    await turn();
    rig.outbox.disconnected();
    rig.connect(CLIENT, true);
    expect(rig.keys).toHaveLength(2 * MOST);
    expect(rig.keys.at(-1)).toBe(String(MOST - 1));
  });

  test("is not what fell due before it left", async () => {
    const rig = new OutboxRig(1_000);
    const expired = rejectionOf(rig.put("a"));
    rig.clock.advance(999);
    ignore(rig.put("b"), rig.put("c"));
    rig.clock.advance(1);
    expect((await expired).code).toBe("timeout");
    rig.connect();
    expect(rig.events).toEqual([["put b 1", "put c 2"]]);
  });
});

describe("the answers to a batch", () => {
  test("go to their requests by place, refusals too", async () => {
    const rig = signedIn();
    const [put, get, refused] = [rig.put("a"), rig.get("b"), rejectionOf(rig.put("c"))];
    await turn();
    rig.answer(0, DONE, entry, refusal("conflict"));
    expect(await Promise.all([put, get])).toMatchObject([{ revision: 1 }, null]);
    expect(await refused).toMatchObject({ code: "conflict", message: "It is conflict." });
    expect(rig.clock.pending).toBe(0);
  });

  test("come in pages: each goes on where the last has ended", async () => {
    const rig = signedIn();
    const puts = Array.from({ length: 5 }, (_, i) => rig.put(String(i)));
    await turn();
    const committed = (revision: number) => ({ ok: true, value: { revision, version: 1 } });
    const batch = rig.batch(0);
    rig.outbox.answers({ batch, answers: [committed(1), committed(2)] });
    expect(await Promise.all(puts.slice(0, 2))).toEqual([committed(1).value, committed(2).value]);
    rig.outbox.answers({ batch, answers: [committed(3)] });
    rig.answer(0, committed(4), committed(5));
    expect(await Promise.all(puts)).toMatchObject([1, 2, 3, 4, 5].map((revision) => ({ revision })));
  });

  test("ahead of the acknowledgement let nothing more go: the server still counts the whole batch", async () => {
    const rig = signedIn();
    rig.puts(MOST);
    await turn();
    rig.outbox.answers({ batch: rig.batch(0), answers: Array(PACKET_REQUESTS - 1).fill(DONE) });
    ignore(rig.put("later"));
    await turn();
    expect(rig.keys).toHaveLength(MOST);
    rig.answer(0, DONE);
    await turn();
    expect(rig.keys.slice(MOST)).toEqual(["later"]);
  });

  test("may find that some fell due: the others have theirs all the same", async () => {
    const rig = signedIn(1_000);
    const expired = rejectionOf(rig.put("a"));
    rig.clock.advance(500);
    const other = rig.get("b");
    await turn();
    rig.clock.advance(500);
    expect(await expired).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
    rig.answer(0, DONE, entry);
    expect(await other).toBeNull();
  });

  test("that refuse it as a whole refuse each of it that is not answered yet", async () => {
    const rig = signedIn();
    const [answered, write, read] = [rig.put("a"), rejectionOf(rig.put("b")), rejectionOf(rig.get("c"))];
    await turn();
    rig.outbox.answers({ batch: rig.batch(0), answers: [DONE] });
    rig.sent[0]?.answer(refusal("rate_limited", true));
    expect(await answered).toMatchObject({ revision: 1 });
    expect(await Promise.all([write, read])).toMatchObject([{ code: "rate_limited" }, { code: "rate_limited" }]);
  });
});

describe("a server that answers nonsense", () => {
  const unreadable = [{ code: "unknown_outcome", op: `${CLIENT}:1` }, { code: "internal" }];

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["no list", { ok: true, value: {} }],
    ["too few answers", { ok: true, value: { answers: [] } }],
    ["answers that are none", { ok: true, value: { answers: [7, null] } }],
    ["values of another request", { ok: true, value: { answers: [entry, DONE] } }],
    ["a fault of its own", refusal("internal")],
  ])("with %s for a batch: its writes are unknown, its reads fail, and others have their place", async (_, answer) => {
    const rig = signedIn();
    const [write, read] = [rejectionOf(rig.put("a")), rejectionOf(rig.get("b"))];
    await turn();
    rig.sent[0]?.answer(answer);
    expect(await Promise.all([write, read])).toMatchObject(unreadable);
    rig.puts(MOST);
    await turn();
    expect(rig.keys).toHaveLength(2 + MOST);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["the value of another request", entry],
    ["a fault of its own", refusal("internal")],
  ])("with %s for a write alone: it is unknown", async (_, answer) => {
    const rig = signedIn();
    const write = rejectionOf(rig.put("a"));
    await turn();
    rig.sent[0]?.answer(answer);
    expect(await write).toMatchObject(unreadable[0] as object);
  });

  test("with too many answers, or with some to a batch that there is not: they are nobody's", async () => {
    const rig = signedIn();
    const [first, second, read] = [rig.put("a"), rig.put("b"), rig.get("c")];
    await turn();
    const batch = rig.batch(0);
    rig.outbox.answers({ batch: batch + 1, answers: [refusal("conflict")] });
    rig.outbox.answers({ batch: -1, answers: [refusal("conflict")] });
    rig.answer(0, DONE, DONE, entry, refusal("conflict"));
    rig.outbox.answers({ batch, answers: [refusal("conflict")] });
    expect(await Promise.all([first, second, read])).toMatchObject([{ revision: 1 }, { revision: 1 }, null]);
    rig.puts(MOST + 1);
    await turn();
    expect(rig.keys).toHaveLength(3 + MOST);
  });
});
