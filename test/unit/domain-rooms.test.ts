import { describe, expect, test } from "@jest/globals";
import type { Role } from "../../protocol/fields.ts";
import { type Account, Accounts } from "../../server/domain/accounts.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { Rooms } from "../../server/domain/rooms.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine, Operation, Outcome } from "../../server/engine/port.ts";
import { delayedEngine } from "../support/delayed-engine.ts";
import { account, caller, FakeAccountStore, hasSettled, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { freshSeed, seededRandom } from "../support/random.ts";

const ann = caller("ann");
const max = caller("max", "manager");

/** Each user has the session of its `caller` and one more, but nobody has one that is gone. */
function ownerOf(client: string): string | undefined {
  return /^(?:other-)?client-of-(?<user>.+)$/.exec(client)?.groups?.["user"];
}

function setUp(engine: Engine = new MemoryEngine({}, new ManualClock(1000))) {
  const store = new FakeAccountStore();
  const saved = [account("ann"), account("bob"), account("max", { role: "manager" })];
  const accounts = new Accounts(store, () => 0, saved);
  const accepted = new InFlight();
  return { accounts, accepted, engine, store, rooms: new Rooms(engine, accounts, accepted, ownerOf) };
}

/** An engine that keeps what it was asked and answers `outcome`, when it may. */
function scripted(outcome: Outcome | undefined, until: Promise<unknown> = Promise.resolve()) {
  const asked: [string, readonly Operation[]][] = [];
  const engine = new MemoryEngine();
  engine.run = async (room, batch) => {
    asked.push([room, batch]);
    await until;
    return outcome === undefined ? [] : [outcome];
  };
  return { asked, engine };
}

test("put, get and delete in one's own room", async () => {
  const { rooms } = setUp();
  expect(await rooms.ask("get", ann, { key: "city" })).toBeNull();
  expect(await rooms.ask("put", ann, { key: "city", value: "Kolkata" })).toEqual({ revision: 1, version: 1 });
  expect(await rooms.ask("put", ann, { key: "city", value: "Delhi" })).toEqual({ revision: 2, version: 2 });
  expect(await rooms.ask("get", ann, { key: "city" })).toEqual({
    key: "city",
    value: "Delhi",
    revision: 2,
    version: 2,
    updatedAt: 1000,
    updatedBy: "ann",
  });
  expect(await rooms.ask("delete", ann, { key: "city" })).toEqual({ revision: 3, existed: true });
  expect(await rooms.ask("delete", ann, { key: "city" })).toEqual({ revision: null, existed: false });
  expect(await rooms.ask("get", ann, { key: "city" })).toBeNull();
});

test("a condition holds for the key that is written", async () => {
  const { rooms } = setUp();
  await rooms.ask("put", ann, { key: "a", value: "1", ifRevision: 0 });
  expect((await rejectionOf(rooms.ask("put", ann, { key: "a", value: "2", ifRevision: 0 }))).code).toBe("conflict");
  expect((await rejectionOf(rooms.ask("delete", ann, { key: "a", ifRevision: 7 }))).code).toBe("conflict");
  expect(await rooms.ask("put", ann, { key: "a", value: "2", ifRevision: 1 })).toEqual({ revision: 2, version: 2 });
  expect(await rooms.ask("delete", ann, { key: "a", ifRevision: 2 })).toEqual({ revision: 3, existed: true });
});

test("several keys are read, written and swapped at once, and answered in the contract's words", async () => {
  const { rooms } = setUp();
  const puts = ["b", "a"].map((key) => ({ key, value: key.toUpperCase() }));
  expect(await rooms.ask("write", ann, { puts, deletes: ["none"] })).toEqual({ revision: 1 });
  const entry = (key: string) => ({
    ...{ key, value: key.toUpperCase(), revision: 1, version: 1 },
    ...{ updatedAt: 1000, updatedBy: "ann" },
  });
  const read = { entries: [entry("a"), entry("b")], revision: 1 };
  expect(await rooms.ask("read", ann, { keys: ["a", "none", "b"] })).toEqual(read);
  expect(await rooms.ask("write", ann, { deletes: ["none"] })).toEqual({ revision: null });
  const swap = {
    if: [{ key: "a", equals: "A" }, { key: "none", absent: true } as const, { key: "b", revision: 1 }],
    then: [{ get: "a" }, { put: "a", value: "B" }, { delete: "b" }, { delete: "none" }, { get: "b" }],
    else: [{ get: "none" }, { delete: "none" }],
  };
  expect(await rooms.ask("transact", ann, swap)).toEqual({
    succeeded: true,
    revision: 2,
    results: [
      entry("a"),
      { revision: 2, version: 2 },
      { revision: 2, existed: true },
      { revision: null, existed: false },
      null,
    ],
  });
  const results = [null, { revision: null, existed: false }];
  expect(await rooms.ask("transact", ann, swap)).toEqual({ succeeded: false, revision: null, results });
});

test("a conflict says which condition did not hold and what was found; a repeat says the code alone", async () => {
  const { rooms } = setUp();
  await rooms.ask("put", ann, { key: "a", value: "1" });
  const wrong = [{ key: "a", revision: 1 }, { key: "a", absent: true } as const];
  const write = { deletes: ["a"], if: wrong, op: `${ann.client}:1` };
  const { code, conflict } = await rejectionOf(rooms.ask("write", ann, write));
  expect([code, conflict]).toEqual(["conflict", { condition: 1, revision: 1, version: 1 }]);
  const repeat = await rejectionOf(rooms.ask("write", ann, write));
  expect([repeat.code, repeat.conflict]).toEqual(["conflict", undefined]);
  const put = await rejectionOf(rooms.ask("put", ann, { key: "b", value: "1", ifRevision: 7 }));
  expect(put.toJSON()).toMatchObject({ code: "conflict", conflict: { condition: 0, revision: 0, version: 0 } });
});

test("a repeat of a transaction has no results", async () => {
  const { rooms } = setUp();
  const transaction = { then: [{ put: "a", value: "1" }], op: `${ann.client}:1` };
  const first = await rooms.ask("transact", ann, transaction);
  expect(await rooms.ask("transact", ann, transaction)).toEqual({ ...first, results: null });
  expect(await rooms.status(ann, { op: transaction.op })).toEqual({ state: "committed", revision: 1 });
});

test("a list is everything, or what is asked for", async () => {
  const { rooms } = setUp();
  for (const key of ["b", "a2", "a1", "a3"]) await rooms.ask("put", ann, { key, value: "" });
  const all = await rooms.ask("list", ann, {});
  expect(all.entries.map(({ key }) => key)).toEqual(["a1", "a2", "a3", "b"]);
  expect([all.more, all.position.revision]).toEqual([false, 4]);
  const some = await rooms.ask("list", ann, { prefix: "a", after: "a1", limit: 1 });
  expect([some.entries.map(({ key }) => key), some.more]).toEqual([["a2"], true]);
});

test("a history is what the log holds of the key, or what is asked for", async () => {
  const { rooms } = setUp();
  for (const value of ["1", "2"]) await rooms.ask("put", ann, { key: "a", value });
  await rooms.ask("delete", ann, { key: "a" });
  const told = async (input: object) => {
    const { changes, more, reaches } = await rooms.ask("history", ann, { key: "a", ...input });
    return [changes.map(({ revision, by, value }) => [revision, by, value]), more, reaches];
  };
  expect(await told({})).toEqual([
    [
      [3, "ann", null],
      [2, "ann", "2"],
      [1, "ann", "1"],
    ],
    false,
    1,
  ]);
  expect(await told({ before: 3, limit: 1 })).toEqual([[[2, "ann", "2"]], true, 1]);
});

test("a list without a limit asks for a thousand entries", async () => {
  const position = { epoch: "e", revision: 0, tag: 0 };
  const { asked, engine } = scripted({ kind: "page", entries: [], more: false, position });
  await setUp(engine).rooms.ask("list", ann, {});
  expect(asked).toStrictEqual([["ann", [{ kind: "list", prefix: "", limit: 1000 }]]]);
});

test("a write asks for its own key and for nothing else", async () => {
  const { asked, engine } = scripted({ kind: "committed", revision: 1, version: 1 });
  const { rooms } = setUp(engine);
  await rooms.ask("put", ann, { key: "a", value: "1" });
  await rooms.ask("delete", ann, { key: "a", ifRevision: 1 });
  const commit = { kind: "commit", by: "ann", owner: "client-of-ann", puts: [], deletes: [], conditions: [] };
  expect(asked.map(([, batch]) => batch)).toStrictEqual([
    [{ ...commit, puts: [{ key: "a", value: "1" }] }],
    [{ ...commit, deletes: ["a"], conditions: [{ key: "a", revision: 1 }] }],
  ]);
});

test("a manager reads and writes another's room, in his own name", async () => {
  const { rooms } = setUp();
  await rooms.ask("put", max, { key: "city", value: "Delhi", room: "ann" });
  expect(await rooms.ask("get", ann, { key: "city" })).toMatchObject({ value: "Delhi", updatedBy: "max" });
  expect(await rooms.ask("get", max, { key: "city", room: "ann" })).toMatchObject({ value: "Delhi" });
  expect(await rooms.ask("get", max, { key: "city" })).toBeNull();
  expect((await rooms.ask("list", max, { room: "ann" })).entries).toHaveLength(1);
  expect(await rooms.ask("delete", max, { key: "city", room: "ann" })).toMatchObject({ existed: true });
});

describe.each<[Role, string, string]>([
  ["guest", "bob", "forbidden"],
  // Whether somebody is called so is none of a guest's business.
  ["guest", "nobody", "forbidden"],
  ["guest", "shared", "forbidden"],
  ["manager", "nobody", "not_found"],
])("a %s and the room %s", (role, room, code) => {
  test.each<[string, (rooms: Rooms) => Promise<unknown>]>([
    ["get", (rooms) => rooms.ask("get", caller("ann", role), { key: "a", room })],
    ["read", (rooms) => rooms.ask("read", caller("ann", role), { keys: ["a"], room })],
    ["list", (rooms) => rooms.ask("list", caller("ann", role), { room })],
    ["history", (rooms) => rooms.ask("history", caller("ann", role), { key: "a", room })],
    ["put", (rooms) => rooms.ask("put", caller("ann", role), { key: "a", value: "", room })],
    ["delete", (rooms) => rooms.ask("delete", caller("ann", role), { key: "a", room })],
    ["write", (rooms) => rooms.ask("write", caller("ann", role), { deletes: ["a"], room })],
    ["transact", (rooms) => rooms.ask("transact", caller("ann", role), { then: [{ get: "a" }], room })],
  ])(`%s: ${code}, and the engine is not asked`, async (_name, ask) => {
    const { asked, engine } = scripted(undefined);
    expect((await rejectionOf(ask(setUp(engine).rooms))).code).toBe(code);
    expect(asked).toEqual([]);
  });
});

test("a manager may ask for a reserved room, which nobody has made, and write none", async () => {
  const { rooms } = setUp();
  expect((await rejectionOf(rooms.ask("get", max, { key: "a", room: "shared" }))).code).toBe("not_found");
  expect((await rejectionOf(rooms.ask("put", max, { key: "a", value: "", room: "shared" }))).code).toBe("forbidden");
  const writes = [
    rooms.ask("write", max, { deletes: ["a"], room: "shared" }),
    rooms.ask("transact", max, { then: [{ get: "a" }], room: "shared" }),
  ];
  for (const write of writes) expect((await rejectionOf(write)).code).toBe("forbidden");
  expect((await rejectionOf(rooms.ask("read", max, { keys: ["a"], room: "shared" }))).code).toBe("not_found");
});

test("an unknown room is named", async () => {
  const { message } = await rejectionOf(setUp().rooms.ask("get", max, { key: "a", room: "nobody" }));
  expect(message).toBe("There is no user called nobody, and so no room.");
});

test("an operation id makes a repeated write run once, and its status tells", async () => {
  const { rooms } = setUp();
  const op = `${ann.client}:7`;
  const first = await rooms.ask("put", ann, { key: "a", value: "1", op });
  await rooms.ask("put", ann, { key: "a", value: "2" });
  expect(await rooms.ask("put", ann, { key: "a", value: "1", op })).toEqual(first);
  expect(await rooms.ask("get", ann, { key: "a" })).toMatchObject({ value: "2" });
  expect(await rooms.status(ann, { op })).toEqual({ state: "committed", revision: 1 });
  expect(await rooms.ask("delete", ann, { key: "a", op: `${ann.client}:8` })).toMatchObject({ revision: 3 });
  expect(await rooms.status(ann, { op: `${ann.client}:8` })).toEqual({ state: "committed", revision: 3 });
  expect(await rooms.status(ann, { op: `${ann.client}:9` })).toEqual({ state: "never" });
});

test("an operation id of another session is forbidden", async () => {
  const { asked, engine } = scripted(undefined);
  const { rooms } = setUp(engine);
  const op = "client-of-bob:1";
  for (const ask of [
    rooms.ask("put", ann, { key: "a", value: "", op }),
    rooms.ask("delete", ann, { key: "a", op }),
    rooms.status(ann, { op }),
  ]) {
    const refusal = await rejectionOf(ask);
    expect([refusal.code, refusal.message]).toEqual([
      "forbidden",
      "The operation id belongs to another session. Use your own client id.",
    ]);
  }
  expect(asked).toEqual([]);
});

test("another session of the same user may ask for a status, but not write with the id", async () => {
  const { rooms } = setUp();
  const op = `${ann.client}:1`;
  const other = caller("ann", "guest", "other-client-of-ann");
  await rooms.ask("put", ann, { key: "a", value: "1", op });
  expect(await rooms.status(other, { op })).toEqual({ state: "committed", revision: 1 });
  expect((await rejectionOf(rooms.ask("put", other, { key: "a", value: "2", op }))).code).toBe("forbidden");
});

test("of a session that is over no status is known, and none is promised", async () => {
  const { asked, engine } = scripted(undefined);
  expect(await setUp(engine).rooms.status(ann, { op: "client-that-is-gone:1" })).toEqual({ state: "unknown" });
  expect(asked).toEqual([]);
});

test("the status of an own write in another's room is told also after a demotion", async () => {
  const { rooms } = setUp();
  const op = `${max.client}:1`;
  await rooms.ask("put", max, { key: "a", value: "1", room: "ann", op });
  expect(await rooms.status({ ...max, role: "guest" }, { op, room: "ann" })).toEqual({
    state: "committed",
    revision: 1,
  });
});

test("a repeat that may not run any more is told neither as done nor as refused: it may have happened", async () => {
  const { accounts, rooms } = setUp();
  const demoted = { ...max, role: "guest" } as const;
  const [op, other] = [`${max.client}:1`, `${max.client}:2`];
  const write = { key: "a", value: "1", room: "ann", op };
  await rooms.ask("put", max, write);
  await rooms.ask("delete", max, { key: "b", room: "bob", op: other });
  expect((await rejectionOf(rooms.ask("put", demoted, write))).code).toBe("unknown_outcome");
  expect((await rejectionOf(rooms.ask("delete", demoted, { key: "b", room: "bob", op: other }))).code).toBe(
    "unknown_outcome",
  );
  const transaction = { then: [{ put: "a", value: "2" }], room: "ann", op: `${max.client}:3` };
  await rooms.ask("transact", max, transaction);
  expect((await rejectionOf(rooms.ask("transact", demoted, transaction))).code).toBe("unknown_outcome");
  accounts.remove("ann");
  expect((await rejectionOf(rooms.ask("put", max, write))).code).toBe("unknown_outcome");
});

test("a write that is refused for want of a right or a room never runs, should it come again", async () => {
  const { accounts, engine, rooms } = setUp();
  for (const room of ["ann", "nobody"]) {
    const [who, code] = room === "ann" ? [{ ...max, role: "guest" } as const, "forbidden"] : [max, "not_found"];
    const write = { key: "a", value: "1", room, op: `${max.client}:1` };
    expect((await rejectionOf(rooms.ask("put", who, write))).code).toBe(code);
    if (room === "nobody") accounts.create(room, "held");
    expect((await rejectionOf(rooms.ask("put", max, write))).code).toBe("invalid");
  }
  expect(await engine.keyCounts(["ann", "nobody"])).toEqual([0, 0]);
});

test("asking for a status in another's room tells a guest nothing of whether there is one", async () => {
  const { rooms } = setUp();
  const op = `${ann.client}:2`;
  expect(await rooms.status(ann, { op, room: "bob" })).toEqual({ state: "unknown" });
  expect(await rooms.status(ann, { op, room: "nobody" })).toEqual({ state: "unknown" });
  // Nor does it spoil the id for the own room.
  expect(await rooms.ask("put", ann, { key: "a", value: "1", op })).toEqual({ revision: 1, version: 1 });
});

test("an engine that fails in the middle of a write leaves its outcome unknown; of a read, it is a fault", async () => {
  const engine = new MemoryEngine();
  const broken = new Error("the engine broke");
  engine.run = () => Promise.reject(broken);
  const { rooms } = setUp(engine);
  const transaction = rooms.ask("transact", ann, { then: [{ get: "a" }] });
  for (const write of [
    rooms.ask("put", ann, { key: "a", value: "" }),
    rooms.ask("delete", ann, { key: "a" }),
    transaction,
  ]) {
    const error = await rejectionOf(write);
    expect([error.code, error.cause]).toEqual(["unknown_outcome", broken]);
  }
  await expect(rooms.ask("get", ann, { key: "a" })).rejects.toBe(broken);
});

test("an engine that fails to tell whether a write that may not run now has run before leaves that unknown", async () => {
  const engine = new MemoryEngine();
  engine.run = () => Promise.reject(new Error("the engine broke"));
  const { rooms } = setUp(engine);
  const write = { key: "a", value: "1", room: "ann", op: `${max.client}:1` };
  const error = await rejectionOf(rooms.ask("put", { ...max, role: "guest" }, write));
  expect(error.code).toBe("unknown_outcome");
});

test("of a room that is gone no status is known, and asking makes no room", async () => {
  const { asked, engine } = scripted(undefined);
  expect(await setUp(engine).rooms.status(max, { op: `${max.client}:1`, room: "nobody" })).toEqual({
    state: "unknown",
  });
  expect(asked).toEqual([]);
});

test("what the engine refuses is refused with its code and words", async () => {
  const { engine } = scripted({ kind: "refused", code: "quota", message: "The room is full." });
  const refusal = await rejectionOf(setUp(engine).rooms.ask("put", ann, { key: "a", value: "" }));
  expect([refusal.code, refusal.message]).toEqual(["quota", "The room is full."]);
});

test.each([[undefined], [{ kind: "gap" } as const]])("an engine that answers %j is a fault", async (outcome) => {
  const { rooms } = setUp(scripted(outcome).engine);
  const op = `${ann.client}:1`;
  for (const ask of [
    rooms.ask("get", ann, { key: "a" }),
    rooms.ask("list", ann, {}),
    rooms.ask("put", ann, { key: "a", value: "" }),
    rooms.ask("delete", ann, { key: "a" }),
    rooms.status(ann, { op }),
  ]) {
    const fault = await rejectionOf(ask);
    expect([fault.code, fault.message]).toEqual(["internal", "The engine gave an answer of the wrong kind."]);
  }
});

test("the engine is called before anything is awaited, so that requests keep their order", () => {
  const { asked, engine } = scripted(undefined);
  const { rooms } = setUp(engine);
  void rooms.ask("put", ann, { key: "a", value: "1" }).catch(() => undefined);
  void rooms.ask("get", ann, { key: "a" }).catch(() => undefined);
  void rooms.status(ann, { op: `${ann.client}:1` }).catch(() => undefined);
  expect(asked.map(([, [operation]]) => operation?.kind)).toEqual(["commit", "read", "status"]);
});

const seed = freshSeed();
test(`a client's requests are run in its order, however late the engine answers (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const { rooms } = setUp(delayedEngine(new MemoryEngine(), random));
  let value: string | null = null;
  const checks: Promise<void>[] = [];
  for (let i = 0; i < 300; i++) {
    const expected = value;
    switch (random.int(3)) {
      case 0:
        checks.push(rooms.ask("get", ann, { key: "a" }).then((entry) => expect(entry?.value ?? null).toBe(expected)));
        break;
      case 1:
        value = String(i);
        checks.push(rooms.ask("put", ann, { key: "a", value }).then(() => undefined));
        break;
      default:
        value = null;
        checks.push(
          rooms.ask("delete", ann, { key: "a" }).then(({ existed }) => expect(existed).toBe(expected !== null)),
        );
    }
  }
  await Promise.all(checks);
});

// What is read for a manager must not reach him in one answer with what is still under way when he is none any more.
test.each<[string, (rooms: Rooms) => Promise<unknown>]>([
  ["put", (rooms) => rooms.ask("put", max, { key: "a", value: "", room: "ann" })],
  ["status", (rooms) => rooms.status(max, { op: `${max.client}:1`, room: "ann" })],
  ["settle", (rooms) => rooms.settle(max, { upTo: 1 })],
])("a user's %s counts as under way until the engine has answered", async (_name, ask) => {
  let answer: (value?: unknown) => void = () => undefined;
  const engine = new MemoryEngine();
  const answered = new Promise((resolve) => {
    answer = resolve;
  });
  const { run, settle } = engine;
  engine.run = (...asked) => answered.then(() => run.apply(engine, asked));
  engine.settle = (...asked) => answered.then(() => settle.apply(engine, asked));
  const { accepted, rooms } = setUp(engine);
  const asked = ask(rooms);
  const idle = accepted.idle("max");
  await accepted.idle("ann");
  expect(await hasSettled(idle)).toBe(false);
  answer();
  await idle;
  await asked;
});

describe("an anonymous guest", () => {
  function withGuest(engine?: Engine) {
    const parts = setUp(engine);
    const guest: Account = parts.accounts.create("guest-1", "anonymous");
    return { ...parts, guest, me: caller("guest-1") };
  }

  test("is kept from its first write on, and saved once", async () => {
    const { guest, me, rooms, store } = withGuest();
    await rooms.ask("get", me, { key: "a" });
    await rooms.ask("list", me, {});
    await rooms.status(me, { op: `${me.client}:1` });
    expect([guest.kept, store.saves]).toEqual([false, 0]);
    await rooms.ask("put", me, { key: "a", value: "1" });
    expect([guest.kept, store.savedNames]).toEqual([true, ["ann", "bob", "max", "guest-1"]]);
    await rooms.ask("put", me, { key: "a", value: "2" });
    await rooms.ask("delete", me, { key: "a" });
    expect(store.saves).toBe(1);
  });

  test("is not kept for a write that changed nothing", async () => {
    const { guest, me, rooms } = withGuest();
    await rooms.ask("delete", me, { key: "a" });
    await rejectionOf(rooms.ask("put", me, { key: "a", value: "", ifRevision: 5 }));
    expect(guest.kept).toBe(false);
  });

  test("is kept for a transaction that wrote something", async () => {
    const { guest, me, rooms } = withGuest();
    await rooms.ask("transact", me, { then: [{ get: "a" }, { delete: "a" }] });
    expect(guest.kept).toBe(false);
    await rooms.ask("transact", me, { then: [{ put: "a", value: "" }] });
    expect(guest.kept).toBe(true);
  });

  test("is kept when a manager writes into its room", async () => {
    const { guest, rooms } = withGuest();
    await rooms.ask("put", max, { key: "a", value: "1", room: "guest-1" });
    expect(guest.kept).toBe(true);
  });

  test("that left while its write was under way is not brought back", async () => {
    const seedOfDelay = freshSeed();
    const { accounts, me, rooms, store } = withGuest(delayedEngine(new MemoryEngine(), seededRandom(seedOfDelay)));
    const put = rooms.ask("put", me, { key: "a", value: "1" });
    accounts.remove("guest-1");
    await put;
    await settle();
    expect([accounts.find("guest-1"), store.saves]).toEqual([undefined, 0]);
  });
});

test("a held name is not kept for its writes, nor is an account with a password saved again", async () => {
  const { accounts, rooms, store } = setUp();
  const hal = accounts.create("hal", "held");
  await rooms.ask("put", caller("hal"), { key: "a", value: "1" });
  await rooms.ask("put", ann, { key: "a", value: "1" });
  expect([hal.kept, store.saves]).toEqual([false, 0]);
});

test.each([
  ["put", { key: "a", value: "1", waitMs: 1 }],
  ["delete", { key: "a", waitMs: 1 }],
  ["write", { deletes: ["a"], hold: true }],
  ["transact", { then: [{ delete: "a" }], waitMs: 1 }],
  ["undo", { revision: 1, waitMs: 1 }],
  ["touch", { key: "a", ttlMs: 1, waitMs: 1 }],
] as const)("%s by a fence neither waits nor holds", async (name, input) => {
  const { rooms } = setUp();
  const error = await rejectionOf(rooms.ask(name, ann, { ...input, fence: 1 } as never));
  expect(error).toMatchObject({ code: "invalid", message: expect.stringMatching(/neither waits nor holds/) });
});
