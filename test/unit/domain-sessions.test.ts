import { expect, test } from "@jest/globals";
import type { Account } from "../../server/domain/accounts.ts";
import { type Session, Sessions } from "../../server/domain/sessions.ts";
import { account, FakeConnection } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";

const GRACE_MS = 1_000;
const ann = account("ann");
const bob = account("bob");

function setUp() {
  const clock = new ManualClock();
  const ended: Session[] = [];
  const sessions = new Sessions(clock, GRACE_MS, (session) => ended.push(session));
  const open = (who: Account, client?: string, tokenHash = "t") =>
    sessions.open({ account: who, token: "", tokenHash }, client);
  /** A new session with its connection. */
  const connect = (who: Account) => {
    const connection = new FakeConnection();
    const { session } = open(who);
    expect(sessions.attach(session, connection)).toBe(true);
    return { session, connection };
  };
  return { clock, ended, sessions, open, connect };
}

test("whoever has no client id gets a new session with 128 random bits", () => {
  const { open } = setUp();
  const first = open(ann);
  expect(first.resumed).toBe(false);
  expect(first.session).toMatchObject({ account: ann, connection: null, tokenHash: "t" });
  expect(first.session.client).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(open(ann).session.client).not.toBe(first.session.client);
});

test("a client id leads back to its session, which takes the new token", () => {
  const { open, sessions } = setUp();
  const { session } = open(ann);
  const again = open(ann, session.client, "newer");
  expect(again).toEqual({ session, resumed: true });
  expect(again.session).toBe(session);
  expect(session.tokenHash).toBe("newer");
  expect(sessions.ofUser("ann")).toEqual([session]);
});

test("a client id of nobody's, or another user's, leads to a new session", () => {
  const { open, connect } = setUp();
  const { session } = connect(ann);
  for (const [who, client] of [
    [bob, session.client],
    [ann, "A".repeat(22)],
    [bob, "__proto__"],
  ] as const) {
    const other = open(who, client);
    expect(other.resumed).toBe(false);
    expect(other.session).not.toBe(session);
    expect(other.session.client).not.toBe(client);
  }
});

test("a newer connection takes over, and the older one is closed before that returns", () => {
  const { connect, open, sessions } = setUp();
  const { session, connection: older } = connect(ann);
  expect(open(ann, session.client)).toEqual({ session, resumed: true });
  const newer = new FakeConnection();
  sessions.attach(session, newer);
  expect(older.byes).toEqual([
    { code: "conflict", message: "A newer connection of this client has taken over.", retryable: false, afterMs: 0 },
  ]);
  expect(session.connection).toBe(newer);
  expect(newer.byes).toEqual([]);
});

test("when the older connection is lost after a takeover, nothing happens", () => {
  const { clock, ended, open, sessions } = setUp();
  const { session } = open(ann);
  // Also when closing it reports the loss at once.
  const older: FakeConnection = new FakeConnection(() => sessions.lost(session, older));
  sessions.attach(session, older);
  const newer = new FakeConnection();
  open(ann, session.client);
  sessions.attach(session, newer);
  sessions.lost(session, older);
  clock.advance(GRACE_MS);
  expect(session.connection).toBe(newer);
  expect([ended, clock.pending]).toEqual([[], 0]);
});

test("a lost session ends after its grace, once", () => {
  const { clock, connect, ended, sessions } = setUp();
  const { session, connection } = connect(ann);
  clock.advance(10 * GRACE_MS);
  expect(ended).toEqual([]);
  sessions.lost(session, connection);
  clock.advance(GRACE_MS - 1);
  expect(ended).toEqual([]);
  expect(sessions.ofUser("ann")).toEqual([session]);
  clock.advance(1);
  expect(ended).toEqual([session]);
  expect(sessions.ofUser("ann")).toEqual([]);
  sessions.end(session);
  sessions.lost(session, connection);
  clock.advance(GRACE_MS);
  expect(ended).toEqual([session]);
});

test("a session that comes back within its grace goes on", () => {
  const { clock, connect, ended, open, sessions } = setUp();
  const { session, connection } = connect(ann);
  sessions.lost(session, connection);
  clock.advance(GRACE_MS - 1);
  expect(open(ann, session.client).resumed).toBe(true);
  // The handshake has its own time to be followed by a connection.
  clock.advance(GRACE_MS - 1);
  expect(sessions.attach(session, new FakeConnection())).toBe(true);
  clock.advance(10 * GRACE_MS);
  expect([ended, clock.pending]).toEqual([[], 0]);
});

test("a session whose connection never comes ends too, and then takes none", () => {
  const { clock, ended, open, sessions } = setUp();
  const { session } = open(ann);
  clock.advance(GRACE_MS);
  expect(ended).toEqual([session]);
  expect(sessions.attach(session, new FakeConnection())).toBe(false);
  expect(session.connection).toBeNull();
  expect(open(ann, session.client).resumed).toBe(false);
});

test("reopening a session that is connected starts no grace", () => {
  const { clock, connect, ended, open } = setUp();
  const { session } = connect(ann);
  open(ann, session.client);
  expect(clock.pending).toBe(0);
  clock.advance(GRACE_MS);
  expect(ended).toEqual([]);
});

test("ended by hand, a session is gone before it is told, with its timer, and its connection is left open", () => {
  const clock = new ManualClock();
  const left: number[] = [];
  const sessions = new Sessions(clock, GRACE_MS, ({ account: { name } }) => left.push(sessions.ofUser(name).length));
  const connection = new FakeConnection();
  const { session } = sessions.open({ account: ann, token: "", tokenHash: "" }, undefined);
  const waiting = sessions.open({ account: ann, token: "", tokenHash: "" }, undefined);
  sessions.attach(session, connection);
  sessions.end(session);
  sessions.end(session);
  expect([left, connection.byes]).toEqual([[1], []]);
  sessions.end(waiting.session);
  expect([left, clock.pending]).toEqual([[1, 0], 0]);
});

test("tells who is there", () => {
  const { connect, open, sessions } = setUp();
  const here = connect(ann);
  const waiting = open(ann).session;
  open(bob);
  expect(sessions.ofUser("ann")).toEqual([here.session, waiting]);
  expect(sessions.ofUser("nobody")).toEqual([]);
  expect([...sessions.all()].map((session) => session.account.name)).toEqual(["ann", "ann", "bob"]);
  expect(["ann", "bob", "nobody"].map((name) => sessions.isOnline(name))).toEqual([true, false, false]);
  sessions.lost(here.session, here.connection);
  expect(sessions.isOnline("ann")).toBe(false);
});

test("of more than sixty-four waiting sessions of one user the one that waits longest ends", () => {
  const { connect, ended, sessions } = setUp();
  const longLived = connect(ann);
  const others = Array.from({ length: 64 }, () => connect(ann));
  const bobs = connect(bob);
  sessions.lost(bobs.session, bobs.connection);
  for (const { session, connection } of others) sessions.lost(session, connection);
  expect(ended).toEqual([]);
  // It was opened first, but it has only begun to wait.
  sessions.lost(longLived.session, longLived.connection);
  expect(ended).toEqual([others[0]?.session]);
  expect(sessions.ofUser("ann")).toHaveLength(64);
  expect(sessions.ofUser("ann")).toContain(longLived.session);
  expect(sessions.ofUser("bob")).toEqual([bobs.session]);
});

test("sign-ins that are broken off leave no more sessions than lost connections do", () => {
  const { clock, ended, open, sessions } = setUp();
  const opened = Array.from({ length: 200 }, () => open(ann).session);
  expect(sessions.ofUser("ann")).toEqual(opened.slice(-64));
  expect(ended).toEqual(opened.slice(0, -64));
  expect(clock.pending).toBe(64);
});

test("connected sessions are not counted among the waiting", () => {
  const { connect, ended, sessions } = setUp();
  const all = Array.from({ length: 200 }, () => connect(ann));
  for (const { session, connection } of all.slice(0, 64)) sessions.lost(session, connection);
  expect(ended).toEqual([]);
});

test("closed, nothing ends any more and no timer is left", () => {
  const { clock, connect, ended, open, sessions } = setUp();
  open(ann);
  open(bob);
  connect(bob);
  sessions.close();
  expect(clock.pending).toBe(0);
  clock.advance(GRACE_MS);
  expect(ended).toEqual([]);
});

test("tells whose a client id is, until its session ends", () => {
  const { sessions, open } = setUp();
  const { session } = open(ann);
  expect(sessions.ownerOf(session.client)).toBe("ann");
  expect(sessions.ownerOf("nobody's")).toBeUndefined();
  sessions.end(session);
  expect(sessions.ownerOf(session.client)).toBeUndefined();
});

test("a session knows that it is over before that is told, and its successor is not", () => {
  const told: boolean[] = [];
  const clock = new ManualClock();
  const sessions = new Sessions(clock, GRACE_MS, (session) => told.push(session.ended));
  const identity = { account: ann, token: "", tokenHash: "" };
  const { session } = sessions.open(identity, undefined);
  expect(session.ended).toBe(false);
  sessions.end(session);
  const { session: next } = sessions.open(identity, session.client);
  expect([session.ended, next.ended, told]).toEqual([true, false, [true]]);
  clock.advance(GRACE_MS);
  expect(next.ended).toBe(true);
});
