import { expect, test } from "@jest/globals";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, DONE, ignore, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

const GRANTED = { ok: true, value: { fence: 7 } };

function lock(rig: OutboxRig, key: string, waitMs?: number): Promise<unknown> {
  const mode = "exclusive" as const;
  return rig.outbox.request("lock", waitMs === undefined ? { keys: [key], mode } : { keys: [key], mode, waitMs });
}

test("what may wait for locks travels alone, in its place, and nothing behind it waits for its answer", async () => {
  const rig = new OutboxRig();
  rig.connect();
  ignore(rig.put("a"), rig.put("b"), rig.outbox.request("put", { key: "c", value: "", waitMs: 1 }));
  ignore(rig.put("d"), rig.get("e"), lock(rig, "f"), rig.outbox.request("read", { keys: ["g"], waitMs: 1 }));
  const last = Promise.all([rig.put("h"), rig.outbox.request("put", { key: "i", value: "", waitMs: 0 })]);
  await turn();
  expect(rig.events).toEqual([
    ["put a 1", "put b 2"],
    "put c 3",
    ["put d 4", "get e"],
    "lock 5",
    "read",
    ["put h 6", "put i 7"],
  ]);
  rig.done(-1);
  expect(await last).toHaveLength(2);
});

test("a put that says more than its key, value and room is in no series", async () => {
  const rig = new OutboxRig();
  rig.connect();
  ignore(rig.put("a"));
  for (const more of [{ ttlMs: 5 }, { ephemeral: true }, { fence: 9 }, { ifRevision: 1 }]) {
    ignore(rig.outbox.request("put", { key: "k", value: "", ...more }));
  }
  ignore(rig.put("z"));
  await turn();
  expect(rig.sent[0]?.payload["requests"]).toEqual([
    ["put", { keys: ["a"], values: [""] }, 1],
    ["put", { key: "k", value: "", ttlMs: 5 }, 2],
    ["put", { key: "k", value: "", ephemeral: true }, 3],
    ["put", { key: "k", value: "", fence: 9 }, 4],
    ["put", { key: "k", value: "", ifRevision: 1 }, 5],
    ["put", { keys: ["z"], values: [""] }, 6],
  ]);
});

test("what is true, false or, for a lifetime, null can be asked for", async () => {
  const rig = new OutboxRig();
  rig.connect();
  ignore(rig.outbox.request("touch", { key: "a", ttlMs: null }));
  await turn();
  ignore(rig.outbox.request("locks", { follow: false }));
  await turn();
  expect(rig.sent.map(({ payload }) => payload)).toEqual([
    { key: "a", ttlMs: null, op: `${CLIENT}:1` },
    { follow: false },
  ]);
});

test("whoever waits has as much longer, and no others: neither what was asked before nor what is asked then", async () => {
  const rig = new OutboxRig(10_000);
  const ends: string[] = [];
  const note = (name: string, promise: Promise<unknown>): void => {
    promise.catch((error: { code: string }) => ends.push(`${name} ${error.code} ${rig.clock.monotonic()}`));
  };
  rig.connect();
  note("first", rig.get("a"));
  note("lock", lock(rig, "b", 60_000));
  for (let second = 0; second <= 80; second++) {
    if (second === 4) note("second", rig.get("c"));
    if (second === 20) note("third", rig.put("d"));
    await turn();
    rig.clock.advance(1_000);
  }
  expect(ends).toEqual([
    "first timeout 10000",
    "second timeout 14000",
    "third unknown_outcome 30000",
    "lock unknown_outcome 70000",
  ]);
  expect(rig.clock.pending).toBe(0);
});

test("one that waits is asked for again after a reconnect, under the same id, in its place", async () => {
  const rig = new OutboxRig();
  rig.connect();
  const granted = lock(rig, "a", 5_000);
  ignore(rig.put("b"));
  await turn();
  rig.outbox.disconnected();
  rig.connect(CLIENT, true);
  expect(rig.events).toEqual(["lock 1", "put b 2", "lock 1", "put b 2"]);
  rig.answer(2, GRANTED);
  expect(await granted).toEqual({ fence: 7 });
});

test("what was waiting in a session that is over may have been granted in it: that is unknown", async () => {
  const rig = new OutboxRig();
  rig.connect();
  const lost = rejectionOf(lock(rig, "a", 5_000));
  await turn();
  rig.outbox.disconnected();
  rig.connect("e".repeat(22));
  expect(await lost).toMatchObject({ code: "unknown_outcome", op: `${CLIENT}:1` });
});

test("a lock that others hold is refused with who that is", async () => {
  const rig = new OutboxRig();
  rig.connect();
  const refused = rejectionOf(lock(rig, "a"));
  await turn();
  const holder = { key: "a", mode: "shared", user: "bob", since: 5 };
  const { error } = refusal("locked", true);
  rig.answer(0, { ok: false, error: { ...error, holder } });
  expect(await refused).toMatchObject({ code: "locked", holder });
  ignore(rig.put("b"));
  await turn();
  rig.answer(-1, DONE);
});

test("what is still locked when it is asked for again was not done before: the server has looked for its id", async () => {
  const rig = new OutboxRig();
  rig.connect();
  const refused = rejectionOf(lock(rig, "a", 5_000));
  await turn();
  rig.outbox.disconnected();
  rig.connect(CLIENT, true);
  rig.answer(1, refusal("locked", true));
  expect(await refused).toMatchObject({ code: "locked" });
});
