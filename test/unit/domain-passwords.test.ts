import { expect, test } from "@jest/globals";
import { Accounts } from "../../server/domain/accounts.ts";
import { Newcomers } from "../../server/domain/newcomers.ts";
import { Passwords } from "../../server/domain/passwords.ts";
import { Throttle } from "../../server/domain/throttle.ts";
import { FakeAccountStore, FakeHasher, hasSettled, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const hasher = new FakeHasher();
  const accounts = new Accounts(new FakeAccountStore(), () => clock.now());
  return {
    clock,
    hasher,
    accounts,
    passwords: new Passwords(accounts, hasher, new Throttle(clock), new Newcomers(clock)),
  };
}

test("the first sign-in makes the account, the next ones need its password", async () => {
  const { accounts, hasher, passwords } = setUp();
  const ann = await passwords.signIn("ann", "secret", "here");
  expect(ann).toMatchObject({ name: "ann", kind: "password", passwordHash: "hashed:secret", role: "guest" });
  expect(await passwords.signIn("ann", "secret", "there")).toBe(ann);
  const refusal = await rejectionOf(passwords.signIn("ann", "guess", "there"));
  expect([refusal.code, refusal.message]).toEqual([
    "unauthenticated",
    "Wrong password for ann. If you are new here, choose another name: this one is taken.",
  ]);
  expect(hasher.calls).toEqual(["hash secret", "verify secret", "verify guess"]);
  expect(accounts.size).toBe(1);
});

test("of two first sign-ins at once exactly one wins, and its password stays", async () => {
  const { accounts, hasher, passwords } = setUp();
  hasher.holds = true;
  const first = passwords.signIn("ann", "first", "here");
  const second = passwords.signIn("ann", "second", "there");
  await settle();
  expect(hasher.calls).toEqual(["hash first"]);
  hasher.holds = false;
  hasher.held[0]?.finish();
  const ann = await first;
  expect((await rejectionOf(second)).code).toBe("unauthenticated");
  expect(accounts.find("ann")).toBe(ann);
  expect(ann.passwordHash).toBe("hashed:first");
});

test("two first sign-ins at once with the same password are the same person", async () => {
  const { hasher, passwords } = setUp();
  const [first, second] = await Promise.all([
    passwords.signIn("ann", "secret", "here"),
    passwords.signIn("ann", "secret", "there"),
  ]);
  expect(second).toBe(first);
  expect(hasher.calls).toEqual(["hash secret", "verify secret"]);
});

test("a first sign-in that fails lets the second make the account", async () => {
  const { hasher, passwords } = setUp();
  hasher.holds = true;
  const first = passwords.signIn("ann", "first", "here");
  const second = passwords.signIn("ann", "second", "there");
  const third = passwords.signIn("ann", "third", "there");
  await settle();
  hasher.held[0]?.fail(new Error("out of memory"));
  await expect(first).rejects.toThrow("out of memory");
  await settle();
  expect(hasher.calls).toEqual(["hash first", "hash second"]);
  hasher.holds = false;
  hasher.held[1]?.finish();
  expect((await second).passwordHash).toBe("hashed:second");
  expect((await rejectionOf(third)).code).toBe("unauthenticated");
});

test("a name that came to another kind of account meanwhile is taken", async () => {
  const { accounts, hasher, passwords } = setUp();
  hasher.holds = true;
  const signIn = passwords.signIn("ann", "secret", "here");
  await settle();
  accounts.create("ann", "anonymous");
  hasher.held[0]?.finish();
  expect((await rejectionOf(signIn)).code).toBe("name_taken");
});

test("an account without a password is not signed in to with one, and nothing is hashed for it", async () => {
  const { accounts, hasher, passwords } = setUp();
  accounts.create("guest-1", "anonymous");
  const refusal = await rejectionOf(passwords.signIn("guest-1", "secret", "here"));
  expect([refusal.code, refusal.message]).toEqual(["name_taken", "The name guest-1 is taken. Choose another."]);
  expect(hasher.calls).toEqual([]);
});

test("sixty-four checks may wait, the next is told to come later, and an ended one makes room", async () => {
  const { accounts, hasher, passwords } = setUp();
  for (let i = 0; i < 65; i++) accounts.create(`pupil-${i}`, "password", "hashed:secret");
  hasher.holds = true;
  const waiting = Array.from({ length: 64 }, (_, i) => passwords.signIn(`pupil-${i}`, "secret", `desk-${i}`));
  await settle();
  expect(hasher.held).toHaveLength(64);
  for (const name of ["pupil-64", "new"]) {
    const refusal = await rejectionOf(passwords.signIn(name, "secret", "there"));
    expect([refusal.code, refusal.message]).toEqual([
      "rate_limited",
      "Too many people are signing in at once. Try again in a moment.",
    ]);
  }
  hasher.held[0]?.finish();
  hasher.held[1]?.fail(new Error("broken hash"));
  await waiting[0];
  await expect(waiting[1]).rejects.toThrow("broken hash");
  const [next, afterNext] = [
    passwords.signIn("pupil-64", "secret", "there"),
    passwords.signIn("bob", "secret", "there"),
  ];
  await settle();
  expect(hasher.held).toHaveLength(66);
  for (const { finish } of hasher.held) finish();
  await Promise.all([...waiting.filter((_, i) => i !== 1), next, afterNext]);
});

test("wrong passwords slow the account down from everywhere, and the address for every account", async () => {
  const { clock, passwords } = setUp();
  await passwords.signIn("ann", "secret", "here");
  for (let i = 0; i < 17; i++) {
    await passwords.signIn(`pupil-${i}`, "secret", "there");
    await rejectionOf(passwords.signIn(`pupil-${i}`, "guess", "there"));
  }
  for (let i = 0; i < 3; i++) await rejectionOf(passwords.signIn("ann", "guess", "there"));
  const sameAccount = passwords.signIn("ann", "secret", "here");
  const sameAddress = passwords.signIn("bob", "secret", "there");
  await passwords.signIn("cleo", "secret", "here");
  clock.advance(499);
  expect([await hasSettled(sameAccount), await hasSettled(sameAddress)]).toEqual([false, false]);
  clock.advance(1);
  expect((await sameAccount).name).toBe("ann");
  expect((await sameAddress).name).toBe("bob");
});

test("the right password forgives the account, and not the address it was guessed from", async () => {
  const { clock, passwords } = setUp();
  await passwords.signIn("ann", "secret", "here");
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 2; j++) await rejectionOf(passwords.signIn("ann", "guess", "there"));
    await passwords.signIn("ann", "secret", "here");
  }
  const guessing = passwords.signIn("ann", "secret", "there");
  expect(await hasSettled(guessing)).toBe(false);
  clock.advance(500);
  await guessing;
});

test("sixty-four guesses at once are tried no faster than one after the other, and the owner gets in half a minute later", async () => {
  const { clock, hasher, passwords } = setUp();
  await passwords.signIn("ann", "secret", "here");
  hasher.calls.length = 0;
  const guesses = Array.from({ length: 64 }, (_, i) =>
    passwords.signIn("ann", `guess ${i}`, `bot ${i}`).catch(({ code }) => String(code)),
  );
  while (!(await hasSettled(Promise.all(guesses)))) clock.advance(50);
  expect(hasher.calls).toHaveLength(7);
  clock.advance(30_000);
  expect((await passwords.signIn("ann", "secret", "here")).name).toBe("ann");
});
