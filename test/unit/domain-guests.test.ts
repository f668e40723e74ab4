import { expect, test } from "@jest/globals";
import { Accounts } from "../../server/domain/accounts.ts";
import { GUEST_IDLE_MS, Guests, passingName } from "../../server/domain/guests.ts";
import { Newcomers } from "../../server/domain/newcomers.ts";
import { account, FakeAccountStore } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusalOf } from "../support/refusal.ts";

function setUp(anonymous = 0) {
  const clock = new ManualClock();
  const saved = Array.from({ length: anonymous }, (_, i) =>
    account(`old-${i}`, { kind: "anonymous", seenAt: clock.now() }),
  );
  const accounts = new Accounts(new FakeAccountStore(), () => clock.now(), saved);
  // The guests' minutes do not begin at the clock's zero.
  clock.advance(7);
  return { clock, accounts, guests: new Guests(accounts, new Newcomers(clock), clock) };
}

test("a guest has an account of its own, not kept yet", () => {
  const { accounts, guests } = setUp();
  const guest = guests.create("here");
  expect(guest.name).toMatch(/^guest-[0-9a-f]{8}$/);
  expect(guest).toMatchObject({ kind: "anonymous", role: "guest", passwordHash: null, kept: false });
  expect(accounts.find(guest.name)).toBe(guest);
  expect(guests.create("here").name).not.toBe(guest.name);
});

test("twenty new guests per address and minute", () => {
  const { accounts, clock, guests } = setUp();
  for (let i = 0; i < 20; i++) guests.create("here");
  const refusal = refusalOf(() => guests.create("here"));
  expect([refusal.code, refusal.message]).toEqual([
    "rate_limited",
    "Too many new anonymous guests from your address. Try again in a minute, or sign in with a name.",
  ]);
  guests.create("there");
  clock.advance(59_999);
  expect(refusalOf(() => guests.create("here")).code).toBe("rate_limited");
  clock.advance(1);
  for (let i = 0; i < 20; i++) guests.create("here");
  // The next minute is counted from this one, not from the first.
  clock.advance(59_999);
  expect(refusalOf(() => guests.create("here")).code).toBe("rate_limited");
  clock.advance(1);
  guests.create("here");
  expect(accounts.size).toBe(42);
});

test("ten thousand anonymous guests at most; other accounts do not count", () => {
  const { accounts, guests } = setUp(9_999);
  accounts.create("ann", "password", "hash");
  guests.create("here");
  const refusal = refusalOf(() => guests.create("here"));
  expect([refusal.code, refusal.message]).toEqual([
    "quota",
    "The server has as many anonymous guests as it can keep. Sign in with a name.",
  ]);
  accounts.remove("old-0");
  guests.create("here");
});

test("idle are the anonymous accounts that nobody has used for more than 30 days", () => {
  const { accounts, clock, guests } = setUp();
  expect(GUEST_IDLE_MS).toBe(30 * 24 * 60 * 60 * 1000);
  const [gone, back] = [guests.create("here"), guests.create("here")];
  accounts.create("ann", "password", "hash");
  accounts.create("bob", "held");
  clock.advance(GUEST_IDLE_MS);
  expect(guests.idle()).toEqual([]);
  accounts.seen(back);
  clock.advance(1);
  expect(guests.idle()).toEqual([gone]);
});

test("a passing name is one that nobody has", () => {
  const { accounts } = setUp();
  const asked: string[] = [];
  const twoTaken = {
    find: (name: string) => (asked.push(name) < 3 ? account(name) : undefined),
  } as unknown as Accounts;
  expect(passingName(twoTaken)).toBe(asked[2]);
  expect(asked).toHaveLength(3);
  expect(passingName(accounts)).not.toBe(passingName(accounts));
});
