import { describe, expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, DONE, ignore, OTHER, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

function signedIn(deadlineMs?: number): OutboxRig {
  const rig = new OutboxRig(deadlineMs);
  rig.connect();
  return rig;
}

function reconnect(rig: OutboxRig): void {
  rig.outbox.disconnected();
  rig.connect(CLIENT, true);
}

describe("in the same session", () => {
  test("all that is unanswered is sent again as it was, before what is new", async () => {
    const rig = signedIn();
    const first = rig.put("a");
    ignore(rig.put("b"), rig.get("c"), rig.put("d"));
    await turn();
    rig.outbox.answers({ batch: rig.batch(0), answers: [DONE] });
    await first;
    rig.outbox.disconnected();
    ignore(rig.put("e"));
    await turn();
    expect(rig.events).toEqual([["put a 1", "put b 2", "get c", "put d 3"]]);
    rig.connect(CLIENT, true);
    expect(rig.events.slice(1)).toEqual([["put b 2", "get c", "put d 3", "put e 4"]]);
  });

  test("also to a server that knows no batches any more, one after the other", async () => {
    const rig = signedIn();
    ignore(rig.put("a"), rig.get("b"));
    await turn();
    rig.outbox.disconnected();
    rig.connectOld(CLIENT, true);
    expect(rig.events.slice(1)).toEqual(["put a 1", "get b"]);
  });

  test("answers to what was sent before count no more", async () => {
    const rig = signedIn();
    const [first, second] = [rig.put("a"), rig.put("b")];
    await turn();
    const batch = rig.batch(0);
    reconnect(rig);
    rig.outbox.answers({ batch, answers: [refusal("conflict"), refusal("conflict")] });
    rig.done(1);
    expect(await Promise.all([first, second])).toMatchObject([{ revision: 1 }, { revision: 1 }]);
  });

  test("one that fell due in the middle of a batch is not sent again; the others are", async () => {
    const rig = signedIn(1_000);
    const old = rejectionOf(rig.put("a"));
    rig.clock.advance(500);
    ignore(rig.put("b"), rig.put("c"));
    await turn();
    rig.clock.advance(500);
    expect((await old).code).toBe("unknown_outcome");
    reconnect(rig);
    expect(rig.events).toEqual([
      ["put a 1", "put b 2", "put c 3"],
      ["put b 2", "put c 3"],
    ]);
  });

  test.each(["unavailable", "rate_limited"])(
    "%s to a write that was sent before settles nothing: it waits, and is sent again",
    async (code) => {
      const rig = signedIn();
      const [alone, again] = [rig.put("a"), rig.put("b")];
      await turn();
      reconnect(rig);
      rig.answer(1, refusal(code, true), refusal(code, true));
      await turn();
      expect(rig.events).toHaveLength(2);
      reconnect(rig);
      expect(rig.events[2]).toEqual(["put a 1", "put b 2"]);
      rig.done(2);
      expect(await Promise.all([alone, again])).toMatchObject([{ revision: 1 }, { revision: 1 }]);
    },
  );

  test("a batch that is refused as a whole when it comes again settles its reads, and no write", async () => {
    const rig = signedIn(1_000);
    const [write, read] = [rejectionOf(rig.put("a")), rejectionOf(rig.get("b"))];
    await turn();
    reconnect(rig);
    rig.sent[1]?.answer(refusal("rate_limited", true));
    expect((await read).code).toBe("rate_limited");
    rig.clock.advance(1_000);
    expect(await write).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
  });

  test("a session that has ended meanwhile says nothing of what was sent before", async () => {
    const rig = signedIn(1_000);
    const write = rejectionOf(rig.put("a"));
    await turn();
    reconnect(rig);
    rig.answer(1, refusal("unauthenticated"));
    rig.outbox.close(new KeyroomError("unauthenticated", "You have logged out."));
    expect(await write).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
  });

  test("a refusal of what has no operation id may be because of its first run", async () => {
    const rig = signedIn();
    const [demote, unsent] = [rejectionOf(rig.outbox.request("demote", { user: "ann" })), rejectionOf(rig.put("a"))];
    await turn();
    rig.outbox.disconnected();
    const fresh = rejectionOf(rig.outbox.request("promote", { user: "bob" }));
    rig.connect(CLIENT, true);
    expect(rig.events.slice(2)).toEqual(["demote", "put a 1", "promote"]);
    for (const place of [2, 3, 4]) rig.answer(place, refusal("forbidden"));
    expect(await Promise.all([demote, unsent, fresh])).toMatchObject([
      { code: "unknown_outcome", message: "The demote may or may not have happened. It is forbidden." },
      { code: "forbidden" },
      { code: "forbidden" },
    ]);
  });

  test("one that was sent once is what its refusal says", async () => {
    const rig = signedIn();
    const writes = [rig.put("a"), rig.put("b")].map(rejectionOf);
    await turn();
    rig.answer(0, refusal("unavailable", true), refusal("locked", true));
    expect(await Promise.all(writes)).toMatchObject([{ code: "unavailable" }, { code: "locked" }]);
  });
});

describe("in a new session", () => {
  test("sent writes are unknown; reads are asked again, unsent writes are sent", async () => {
    const rig = signedIn();
    const write = rejectionOf(rig.put("a"));
    const remove = rejectionOf(rig.outbox.request("delete", { key: "b" }));
    ignore(rig.get("c"));
    await turn();
    rig.outbox.disconnected();
    ignore(rig.put("d"));
    rig.connect(OTHER);
    expect(await write).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
    expect(await remove).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:2` });
    expect(rig.events.slice(1)).toEqual([["get c", "put d 3"]]);
  });

  test("of a batch that was answered by half, only the other half is unknown", async () => {
    const rig = signedIn();
    const [first, second] = [rig.put("a"), rejectionOf(rig.put("b"))];
    await turn();
    rig.outbox.answers({ batch: rig.batch(0), answers: [DONE] });
    rig.outbox.disconnected();
    rig.connect(OTHER);
    expect(await first).toMatchObject({ revision: 1 });
    expect(await second).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:2` });
  });

  test.each([
    ["upgrade", {}],
    ["promote", { user: "bob" }],
    ["demote", { user: "bob" }],
    ["logout", {}],
  ] as const)("a sent %s is unknown as well, and not sent again", async (name, input) => {
    const rig = signedIn(1_000);
    const cut = rejectionOf(rig.outbox.request(name, input));
    await turn();
    rig.outbox.disconnected();
    rig.connect(OTHER);
    expect((await cut).code).toBe("unknown_outcome");
    const late = rejectionOf(rig.outbox.request(name, input));
    await turn();
    rig.clock.advance(1_000);
    expect(await late).toMatchObject({ code: "unknown_outcome", message: expect.stringContaining(name) });
    expect(rig.sent.map(({ payload }) => payload)).toEqual([input, input]);
  });
});
