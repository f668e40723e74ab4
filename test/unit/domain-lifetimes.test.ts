import { expect, test } from "@jest/globals";
import { type Account, Accounts } from "../../server/domain/accounts.ts";
import { GUEST_IDLE_MS, Guests } from "../../server/domain/guests.ts";
import { InFlight } from "../../server/domain/in-flight.ts";
import { Lifetimes } from "../../server/domain/lifetimes.ts";
import { Newcomers } from "../../server/domain/newcomers.ts";
import { Sessions } from "../../server/domain/sessions.ts";
import { MemoryEngine } from "../../server/engine/memory/engine.ts";
import type { Engine } from "../../server/engine/port.ts";
import { ask, put, status, valuesOf } from "../contract/kit.ts";
import { FakeAccountStore, FakeConnection, FakeLog, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";

const GRACE_MS = 1_000;
const HOUR_MS = 3_600_000;

function setUp(engine: Engine = new MemoryEngine()) {
  const clock = new ManualClock();
  const store = new FakeAccountStore();
  const log = new FakeLog();
  const accounts = new Accounts(store, () => clock.now());
  const guests = new Guests(accounts, new Newcomers(clock), clock);
  const accepted = new InFlight();
  const lifetimes = new Lifetimes(accounts, guests, engine, accepted, clock, log);
  const sessions = new Sessions(clock, GRACE_MS, (session) => lifetimes.sessionEnded(session, sessions));
  const open = (account: Account) => sessions.open({ account, token: "", tokenHash: "" }, undefined).session;
  return { accepted, clock, store, log, accounts, guests, lifetimes, sessions, engine, open };
}

test("a held name is free again when its last session ends, and its room is gone", async () => {
  const { accounts, engine, open, sessions } = setUp();
  const hal = accounts.create("hal", "held");
  const token = accounts.issueToken(hal);
  const [first, last] = [open(hal), open(hal)];
  await ask(engine, "hal", put("city", "Kolkata"));
  sessions.end(first);
  expect(accounts.find("hal")).toBe(hal);
  expect(await valuesOf(engine, "hal", "city")).toEqual(["Kolkata"]);
  sessions.end(last);
  expect(accounts.find("hal")).toBeUndefined();
  expect(accounts.findByToken(token)).toBeUndefined();
  expect(await valuesOf(engine, "hal", "city")).toEqual([null]);
});

test("a guest that has written nothing goes with its last session, also by its grace", () => {
  const { accounts, clock, guests, open } = setUp();
  const guest = guests.create("here");
  open(guest);
  clock.advance(GRACE_MS - 1);
  expect(accounts.find(guest.name)).toBe(guest);
  clock.advance(1);
  expect(accounts.find(guest.name)).toBeUndefined();
});

test("a kept guest stays, with its room, and was seen when its last session ended", async () => {
  const { accounts, clock, engine, guests, open, sessions } = setUp();
  const guest = guests.create("here");
  accounts.keep(guest);
  await ask(engine, guest.name, put("city", "Kolkata"));
  const [first, last] = [open(guest), open(guest)];
  clock.advance(5);
  const before = guest.seenAt;
  sessions.end(first);
  expect(guest.seenAt).toBe(before);
  sessions.end(last);
  expect(guest.seenAt).toBe(clock.now());
  expect(accounts.find(guest.name)).toBe(guest);
  expect(await valuesOf(engine, guest.name, "city")).toEqual(["Kolkata"]);
});

test("the end of a kept account's session after the account is gone does no harm to the next of that name", () => {
  const { accounts, clock, open, sessions } = setUp();
  const old = accounts.create("ann", "password", "hash");
  const session = open(old);
  accounts.remove("ann");
  const next = accounts.create("ann", "password", "hash");
  const before = next.seenAt;
  clock.advance(5);
  expect(() => sessions.end(session)).not.toThrow();
  expect(next.seenAt).toBe(before);
});

test("the operation ids of an ended session are forgotten, those of others are not", async () => {
  const { accounts, engine, open, sessions } = setUp();
  const ann = accounts.create("ann", "password", "hash");
  const [gone, there] = [open(ann), open(ann)];
  for (const { client } of [gone, there]) await ask(engine, "ann", put("a", "1", { id: { client, counter: 1 } }));
  sessions.end(gone);
  await settle();
  const stateOf = async (client: string) => ask(engine, "ann", status({ client, counter: 1 }));
  expect(await stateOf(gone.client)).toMatchObject({ status: { state: "never" } });
  expect(await stateOf(there.client)).toMatchObject({ status: { state: "committed" } });
});

test("once an hour, guests idle for 30 days go, with their rooms, and that is saved", async () => {
  const { accounts, clock, engine, guests, lifetimes, sessions, store } = setUp();
  const guest = guests.create("here");
  accounts.keep(guest);
  accounts.create("ann", "password", "hash");
  await ask(engine, guest.name, put("city", "Kolkata"));
  lifetimes.start(sessions);
  clock.advance(GUEST_IDLE_MS);
  expect(accounts.find(guest.name)).toBe(guest);
  expect(store.saves).toBe(GUEST_IDLE_MS / HOUR_MS);
  clock.advance(HOUR_MS - 1);
  expect(accounts.find(guest.name)).toBe(guest);
  clock.advance(1);
  expect(accounts.find(guest.name)).toBeUndefined();
  expect(accounts.find("ann")).toBeDefined();
  expect(await valuesOf(engine, guest.name, "city")).toEqual([null]);
  expect(store.savedNames).toEqual(["ann"]);
});

test("a guest that is there is not idle, however long ago it signed in", () => {
  const { accounts, clock, guests, lifetimes, open, sessions } = setUp();
  const guest = guests.create("here");
  accounts.keep(guest);
  sessions.attach(open(guest), new FakeConnection());
  lifetimes.start(sessions);
  clock.advance(GUEST_IDLE_MS + HOUR_MS);
  expect(accounts.find(guest.name)).toBe(guest);
  // So a restart right now, which ends no session, does not find it idle either.
  expect(guest.seenAt).toBe(clock.now());
});

test("closed, it looks no more", () => {
  const { clock, lifetimes, sessions, store } = setUp();
  lifetimes.close();
  lifetimes.start(sessions);
  clock.advance(HOUR_MS);
  lifetimes.close();
  expect(clock.pending).toBe(0);
  clock.advance(HOUR_MS);
  expect(store.saves).toBe(1);
});

test("operation ids are forgotten behind what the user has under way: a repeat among it is no new operation", async () => {
  const { accepted, accounts, engine, open, sessions } = setUp();
  const forgotten: string[] = [];
  engine.forgetClient = async (client) => void forgotten.push(client);
  const session = open(accounts.create("ann", "password", "hash"));
  const done = accepted.track("ann", settle);
  sessions.end(session);
  await Promise.resolve();
  expect(forgotten).toEqual([]);
  await done;
  await settle();
  expect(forgotten).toEqual([session.client]);
});

test("what the engine fails to do is logged, what the store fails to do is its own matter, and nothing else happens", async () => {
  const broken = new Error("disk on fire");
  const engine = new MemoryEngine();
  engine.deleteRoom = () => Promise.reject(broken);
  engine.forgetClient = () => Promise.reject(broken);
  const { accounts, clock, lifetimes, log, open, sessions, store } = setUp(engine);
  store.save = () => Promise.reject(broken);
  sessions.end(open(accounts.create("hal", "held")));
  lifetimes.start(sessions);
  clock.advance(HOUR_MS);
  await settle();
  expect(accounts.find("hal")).toBeUndefined();
  expect(log.lines.toSorted((a, b) => (a.message < b.message ? -1 : 1))).toEqual(
    ["could not delete a room", "could not forget a client"].map((message) => ({
      level: "error",
      fields: { err: broken },
      message,
    })),
  );
});

test("a user who is deleted is gone with his room and his sessions, here or away, and that is saved", async () => {
  const { accounts, engine, lifetimes, open, sessions, store } = setUp();
  for (const name of ["ann", "bob"]) await ask(engine, name, put("city", "Kolkata"));
  const ann = accounts.create("ann", "password", "hash");
  const token = accounts.issueToken(ann);
  accounts.create("bob", "password", "hash");
  const [here, away] = [open(ann), open(ann)];
  const connection = new FakeConnection();
  sessions.attach(here, connection);
  await lifetimes.deleteUser("ann", sessions);
  expect([here.ended, away.ended, sessions.ofUser("ann")]).toEqual([true, true, []]);
  expect(connection.byes).toEqual([
    { code: "unauthenticated", message: "The operator has deleted your account.", retryable: false, afterMs: 0 },
  ]);
  expect([accounts.find("ann"), accounts.findByToken(token)]).toEqual([undefined, undefined]);
  expect(await valuesOf(engine, "ann", "city")).toEqual([null]);
  expect(await valuesOf(engine, "bob", "city")).toEqual(["Kolkata"]);
  expect(store.savedNames).toEqual(["bob"]);
  expect((await rejectionOf(lifetimes.deleteUser("ann", sessions))).code).toBe("not_found");
});
