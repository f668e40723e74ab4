import { expect, test } from "@jest/globals";
import { type Account, Accounts } from "../../server/domain/accounts.ts";
import { OPERATOR, Roles, type UpgradePolicy } from "../../server/domain/roles.ts";
import { Throttle } from "../../server/domain/throttle.ts";
import { account, caller, FakeAccountStore, FakeLog, hasSettled, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusalOf } from "../support/refusal.ts";

const PASSPHRASE: UpgradePolicy = { kind: "passphrase", passphrase: "open sesame" };
const ann = caller("ann");
const bob = caller("bob");

function setUp(
  policy: UpgradePolicy = PASSPHRASE,
  onChange: (account: Account) => Promise<void> = async () => undefined,
) {
  const clock = new ManualClock();
  const log = new FakeLog();
  const saved = [account("ann"), account("bob"), account("max", { role: "manager" })];
  const store = new FakeAccountStore();
  const accounts = new Accounts(store, () => clock.now(), saved);
  const changed: string[] = [];
  const throttle = new Throttle(clock);
  /** As if so many others had guessed wrongly from an address. */
  const othersFail = (address: string, times: number) => {
    for (let i = 0; i < times; i++) throttle.failed([{ shared: `upgrade from ${address}` }]);
  };
  const roles = new Roles(accounts, policy, throttle, log, (who) => {
    changed.push(`${who.name} ${who.role}`);
    return onChange(who);
  });
  return { clock, log, accounts, store, roles, changed, othersFail };
}

const WRONG = "That is not the manager passphrase. Ask whoever started the server.";

test("the passphrase makes a guest a manager", async () => {
  const { accounts, changed, log, roles } = setUp();
  expect(await roles.upgrade(ann, "open sesame", "here")).toBe("manager");
  expect(accounts.find("ann")?.role).toBe("manager");
  expect(changed).toEqual(["ann manager"]);
  expect(log.lines).toEqual([
    {
      level: "info",
      fields: { user: "ann", by: "ann", from: "guest", to: "manager" },
      message: "ann is a manager now, by ann",
    },
  ]);
});

test.each([
  [PASSPHRASE, "open sesam", WRONG],
  [PASSPHRASE, "open sesame!", WRONG],
  [PASSPHRASE, "", WRONG],
  [PASSPHRASE, undefined, "To become a manager, give the passphrase the server was started with."],
  [{ kind: "off" } as const, "open sesame", "Nobody can upgrade here by himself. Ask a manager to promote you."],
])("%j and %j: forbidden", async (policy, given, message) => {
  const { accounts, changed, log, roles } = setUp(policy);
  const refusal = await rejectionOf(roles.upgrade(ann, given, "here"));
  expect([refusal.code, refusal.message]).toEqual(["forbidden", message]);
  expect(accounts.find("ann")?.role).toBe("guest");
  expect([changed, log.lines]).toEqual([[], []]);
});

test("where it is open, whoever asks is a manager", async () => {
  const { accounts, roles } = setUp({ kind: "open" });
  expect(await roles.upgrade(ann, undefined, "here")).toBe("manager");
  expect(await roles.upgrade(bob, "whatever", "here")).toBe("manager");
  expect(accounts.managers()).toBe(3);
});

test.each([PASSPHRASE, { kind: "open" }, { kind: "off" }] as const)(
  "a manager who upgrades stays one, whatever he says (%j)",
  async (policy) => {
    const { changed, roles } = setUp(policy);
    expect(await roles.upgrade(caller("max", "manager"), "wrong", "here")).toBe("manager");
    expect(changed).toEqual([]);
  },
);

test("wrong passphrases slow the user down from everywhere, and the address for everybody", async () => {
  const { accounts, clock, othersFail, roles } = setUp();
  othersFail("here", 17);
  for (let i = 0; i < 3; i++) await rejectionOf(roles.upgrade(ann, "guess", "here"));
  const sameUser = roles.upgrade(ann, "open sesame", "there");
  const sameAddress = roles.upgrade(bob, "open sesame", "here");
  accounts.create("zoe", "held");
  // Somebody else, somewhere else, is none of it.
  expect(await roles.upgrade(caller("zoe"), "open sesame", "elsewhere")).toBe("manager");
  expect([await hasSettled(sameUser), await hasSettled(sameAddress)]).toEqual([false, false]);
  clock.advance(500);
  expect(await Promise.all([sameUser, sameAddress])).toEqual(["manager", "manager"]);
});

test("not to give one is no attempt", async () => {
  const { clock, roles } = setUp();
  for (let i = 0; i < 10; i++) await rejectionOf(roles.upgrade(ann, undefined, "here"));
  await roles.upgrade(ann, "open sesame", "here");
  expect(clock.pending).toBe(0);
});

test("the right passphrase forgives the user, and not the address", async () => {
  const { accounts, clock, othersFail, roles } = setUp();
  othersFail("here", 17);
  for (let i = 0; i < 2; i++) await rejectionOf(roles.upgrade(ann, "guess", "here"));
  await roles.upgrade(ann, "open sesame", "there");
  accounts.setRole(accounts.find("ann") as Account, "guest");
  for (let i = 0; i < 2; i++) await rejectionOf(roles.upgrade(ann, "guess", "there"));
  await roles.upgrade(ann, "open sesame", "there");
  await rejectionOf(roles.upgrade(bob, "guess", "here"));
  expect(clock.pending).toBe(0);
  const waits = roles.upgrade(bob, "open sesame", "here");
  expect(await hasSettled(waits)).toBe(false);
  clock.advance(500);
  await waits;
});

test("guesses that come all at once are tried no faster than one after the other", async () => {
  const { accounts, clock, roles } = setUp();
  const guesses = [...Array.from({ length: 99 }, (_, i) => `guess ${i}`), "open sesame"];
  const answers = guesses.map((guess) => roles.upgrade(ann, guess, "here").catch(({ code }) => String(code)));
  while (!(await hasSettled(Promise.all(answers)))) clock.advance(500);
  const codes = await Promise.all(answers);
  // Three at once, and one each after 0.5, 1.5, 3.5 and 7.5 s; then the wait is longer than an attempt may take.
  expect(codes.filter((code) => code === "forbidden")).toHaveLength(7);
  expect(codes.filter((code) => code === "rate_limited")).toHaveLength(93);
  expect(accounts.find("ann")?.role).toBe("guest");
});

test("an upgrade that waited does not reach the next user of that name", async () => {
  const { accounts, clock, roles } = setUp();
  for (let i = 0; i < 3; i++) await rejectionOf(roles.upgrade(ann, "guess", "here"));
  const waits = roles.upgrade(ann, "open sesame", "here");
  await settle();
  accounts.remove("ann");
  const next = accounts.create("ann", "held");
  clock.advance(500);
  expect((await rejectionOf(waits)).code).toBe("unauthenticated");
  expect(next.role).toBe("guest");
});

test("promote and demote change a role and log who, whom and how", async () => {
  const { accounts, changed, log, roles } = setUp();
  expect(await roles.promote("ann", "max")).toBe("manager");
  expect(await roles.demote("max", "ann")).toBe("guest");
  expect(accounts.find("max")?.role).toBe("guest");
  expect(changed).toEqual(["ann manager", "max guest"]);
  expect(log.lines.map(({ message, fields }) => [message, fields])).toEqual([
    ["ann is a manager now, by max", { user: "ann", by: "max", from: "guest", to: "manager" }],
    ["max is a guest now, by ann", { user: "max", by: "ann", from: "manager", to: "guest" }],
  ]);
});

test("a role that somebody has already is no change", async () => {
  const { changed, log, roles } = setUp();
  expect(await roles.promote("max", "max")).toBe("manager");
  // There is one manager, but it is not bob.
  expect(await roles.demote("bob", "max")).toBe("guest");
  expect([changed, log.lines]).toEqual([[], []]);
});

test("the last manager cannot be demoted, not even by himself", async () => {
  const { accounts, changed, roles } = setUp();
  const refusal = refusalOf(() => roles.demote("max", "max"));
  expect([refusal.code, refusal.message]).toEqual([
    "forbidden",
    "max is the last manager. Promote somebody else first.",
  ]);
  expect([accounts.managers(), changed]).toEqual([1, []]);
  await roles.promote("ann", "max");
  expect(await roles.demote("max", "max")).toBe("guest");
});

test("the operator may demote even the last manager", async () => {
  const { accounts, log, roles } = setUp();
  expect(await roles.demote("max", OPERATOR)).toBe("guest");
  expect(accounts.managers()).toBe(0);
  expect(log.lines[0]?.message).toBe("max is a guest now, by the operator");
});

test("the operator's name cannot be a user's", () => {
  expect(OPERATOR).toContain(" ");
});

test("whoever is not there is not found", async () => {
  const { roles } = setUp();
  expect(refusalOf(() => roles.promote("zoe", "max"))).toMatchObject({
    code: "not_found",
    message: "There is no user called zoe.",
  });
  expect(refusalOf(() => roles.demote("zoe", "max")).code).toBe("not_found");
  expect((await rejectionOf(roles.upgrade(caller("zoe"), "open sesame", "here"))).code).toBe("not_found");
});

test("a change is told at once, and answered when whoever was told is done", async () => {
  let done: () => void = () => undefined;
  const telling = new Promise<void>((resolve) => {
    done = resolve;
  });
  const { changed, roles } = setUp({ kind: "open" }, () => telling);
  const answers = [roles.promote("ann", "max"), roles.demote("max", "ann")];
  expect(changed).toEqual(["ann manager", "max guest"]);
  answers.push(roles.upgrade(bob, undefined, "here"));
  for (const answer of answers) expect(await hasSettled(answer)).toBe(false);
  done();
  expect(await Promise.all(answers)).toEqual(["manager", "guest", "manager"]);
});

test("a change that was not stored can be asked for again, and then is", async () => {
  const { changed, roles, store } = setUp();
  store.fails = true;
  await roles.promote("ann", "max");
  for (const again of [() => roles.promote("ann", "max"), () => roles.upgrade(ann, "wrong", "here")]) {
    expect((await rejectionOf(again())).code).toBe("unavailable");
  }
  store.fails = false;
  expect(await roles.promote("ann", "max")).toBe("manager");
  expect(store.savedNames).toContain("ann");
  expect(changed).toEqual(["ann manager"]);
});
