import { expect, test } from "@jest/globals";
import type { Auth } from "../../protocol/handshake.ts";
import { Accounts, hashToken } from "../../server/domain/accounts.ts";
import { Guests } from "../../server/domain/guests.ts";
import { Newcomers } from "../../server/domain/newcomers.ts";
import { Passwords } from "../../server/domain/passwords.ts";
import { type Identity, nameSignIn, passwordSignIn, type SignIn } from "../../server/domain/sign-in.ts";
import { Throttle } from "../../server/domain/throttle.ts";
import { FakeAccountStore, FakeHasher, hasSettled } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** A server on which ann (password `secret`), the anonymous guest-1 and the held name hal have signed in before. */
function setUp() {
  const clock = new ManualClock();
  const store = new FakeAccountStore();
  const accounts = new Accounts(store, () => clock.now());
  const token = (kind: "password" | "anonymous" | "held", name: string, hash: string | null = null) =>
    accounts.issueToken(accounts.create(name, kind, hash));
  const tokens = {
    ann: token("password", "ann", "hashed:secret"),
    guest: token("anonymous", "guest-1"),
    hal: token("held", "hal"),
    bad: "no-such-token",
  };
  const throttle = new Throttle(clock);
  const newcomers = new Newcomers(clock);
  const passwords = new Passwords(accounts, new FakeHasher(), throttle, newcomers);
  const policies = {
    password: passwordSignIn(accounts, passwords, new Guests(accounts, newcomers, clock)),
    "password, no guests": passwordSignIn(accounts, passwords, null),
    name: nameSignIn(accounts),
  };
  return { accounts, clock, store, throttle, tokens, policies };
}

type World = ReturnType<typeof setUp>;
type Policy = keyof World["policies"];
type Ask = Pick<Auth, "user" | "password"> & { readonly token?: keyof World["tokens"] };

async function outcome(world: World, policy: Policy, { token, ...rest }: Ask): Promise<string> {
  const signIn: SignIn = world.policies[policy];
  const auth: Auth = token === undefined ? rest : { ...rest, token: world.tokens[token] };
  const known = [...world.accounts.all()].map(({ name }) => name);
  let identity: Identity;
  try {
    identity = await signIn(auth, "here");
  } catch {
    return (await rejectionOf(signIn(auth, "here"))).code;
  }
  const { account } = identity;
  expect(identity.tokenHash).toBe(hashToken(identity.token));
  expect(world.accounts.findByToken(identity.token)).toBe(account);
  const how = identity.token === auth.token ? "same token" : "new token";
  if (known.includes(account.name)) return `${account.name}, ${how}`;
  const name = /^guest-[0-9a-f]{8}$/.test(account.name) ? "passing name" : account.name;
  return `new ${account.kind} account ${name}, ${how}`;
}

const NEW_GUEST = "new anonymous account passing name, new token";

const WITH_PASSWORDS: readonly (readonly [Ask, string])[] = [
  [{}, NEW_GUEST],
  [{ password: "secret" }, "invalid"],
  [{ user: "ann" }, "unauthenticated"],
  [{ user: "ann", password: "secret" }, "ann, new token"],
  [{ user: "ann", password: "guess" }, "unauthenticated"],
  [{ user: "bob", password: "secret" }, "new password account bob, new token"],
  [{ user: "guest-1", password: "secret" }, "name_taken"],
  [{ token: "ann" }, "ann, same token"],
  [{ token: "guest" }, "guest-1, same token"],
  [{ token: "ann", user: "ann" }, "ann, same token"],
  [{ token: "ann", password: "guess" }, "ann, same token"],
  [{ token: "ann", user: "ann", password: "guess" }, "ann, same token"],
  // Another's token: the password decides, if there is one.
  [{ token: "guest", user: "ann" }, "unauthenticated"],
  [{ token: "guest", user: "ann", password: "secret" }, "ann, new token"],
  [{ token: "guest", user: "ann", password: "guess" }, "unauthenticated"],
  [{ token: "bad" }, "unauthenticated"],
  [{ token: "bad", user: "ann" }, "unauthenticated"],
  [{ token: "bad", password: "secret" }, "invalid"],
  [{ token: "bad", user: "ann", password: "secret" }, "ann, new token"],
  [{ token: "bad", user: "bob", password: "secret" }, "new password account bob, new token"],
];

test.each(WITH_PASSWORDS)("with passwords, %j: %s", async (ask, expected) => {
  expect(await outcome(setUp(), "password", ask)).toBe(expected);
});

test.each(WITH_PASSWORDS)("with passwords and no guests, %j: the same but for new guests", async (ask, expected) => {
  const without = expected === NEW_GUEST ? "unauthenticated" : expected;
  expect(await outcome(setUp(), "password, no guests", ask)).toBe(without);
});

test.each<[Ask, string]>([
  [{}, "new held account passing name, new token"],
  [{ user: "bob" }, "new held account bob, new token"],
  [{ user: "bob", password: "ignored" }, "new held account bob, new token"],
  [{ password: "ignored" }, "new held account passing name, new token"],
  [{ user: "hal" }, "name_taken"],
  [{ user: "hal", password: "secret" }, "name_taken"],
  [{ user: "ann", password: "secret" }, "name_taken"],
  [{ token: "hal" }, "hal, same token"],
  [{ token: "hal", user: "hal" }, "hal, same token"],
  [{ token: "hal", user: "bob" }, "new held account bob, new token"],
  [{ token: "bad" }, "unauthenticated"],
  [{ token: "bad", password: "ignored" }, "unauthenticated"],
  [{ token: "bad", user: "bob" }, "new held account bob, new token"],
  [{ token: "bad", user: "hal" }, "name_taken"],
])("by name, %j: %s", async (ask, expected) => {
  expect(await outcome(setUp(), "name", ask)).toBe(expected);
});

test.each<[Policy, Ask, string]>([
  ["password", { user: "ann" }, "ann needs a password to sign in."],
  ["password", { password: "secret" }, "A password came without a user name."],
  ["password", { token: "bad" }, "The token is no longer good, perhaps since a restart of the server. Sign in again."],
  ["password, no guests", {}, "This server knows no anonymous guests. Sign in."],
  ["name", { token: "bad" }, "The token is no longer good, perhaps since a restart of the server. Sign in again."],
])("refused (%s, %j): %s", async (policy, { token, ...rest }, message) => {
  const { policies, tokens } = setUp();
  const auth: Auth = token === undefined ? rest : { ...rest, token: tokens[token] };
  expect((await rejectionOf(policies[policy](auth, "here"))).message).toBe(message);
});

test("new guests are counted by the address they come from", async () => {
  const { policies } = setUp();
  for (let i = 0; i < 20; i++) await policies.password({}, "here");
  expect((await rejectionOf(policies.password({}, "here"))).code).toBe("rate_limited");
  await policies.password({}, "there");
});

test("wrong passwords are counted by the address they come from", async () => {
  const { clock, policies, throttle } = setUp();
  for (let i = 0; i < 19; i++) throttle.failed([{ shared: "address here" }]);
  await rejectionOf(policies.password({ user: "ann", password: "guess" }, "here"));
  const slowed = policies.password({ user: "bob", password: "x" }, "here");
  await policies.password({ user: "cleo", password: "x" }, "there");
  expect(await hasSettled(slowed)).toBe(false);
  clock.advance(500);
  expect((await slowed).account.name).toBe("bob");
});

test("a revoked token leads nowhere", async () => {
  const { accounts, policies, tokens } = setUp();
  accounts.revokeToken(hashToken(tokens.ann));
  expect((await rejectionOf(policies.password({ token: tokens.ann }, "here"))).code).toBe("unauthenticated");
});

test("a token that a restart would forget is not handed out", async () => {
  const { accounts, policies, store, tokens } = setUp();
  store.fails = true;
  for (const user of ["ann", "bob"]) {
    for (let i = 0; i < 40; i++) {
      const refusal = await rejectionOf(policies.password({ user, password: "secret" }, "here"));
      expect(refusal.code).toBe("unavailable");
    }
  }
  // Trying again and again has not pushed out the tokens that there were.
  expect((await policies.password({ token: tokens.ann }, "here")).account.name).toBe("ann");
  // An account that nobody keeps can be had all the same.
  await policies.password({}, "here");
  await policies.name({ user: "zoe" }, "here");
  store.fails = false;
  expect((await policies.password({ user: "bob", password: "secret" }, "here")).account.tokens).toHaveLength(1);
  expect(store.savedNames).toEqual(["ann", "bob"]);
  expect(accounts.find("ann")?.tokens).toHaveLength(1);
});

test("new accounts and new guests of an address are counted together; whoever has an account comes in all the same", async () => {
  const { clock, policies } = setUp();
  const signUp = (user: string, address = "here") => policies.password({ user, password: "secret" }, address);
  for (let i = 0; i < 10; i++) await policies.password({}, "here");
  for (let i = 0; i < 50; i++) await signUp(`pupil-${i}`);
  const refusal = await rejectionOf(signUp("pupil-50"));
  expect([refusal.code, refusal.message]).toEqual([
    "rate_limited",
    "Too many new accounts from your address. Try again in a minute, or sign in with one that there is.",
  ]);
  expect((await rejectionOf(policies.password({}, "here"))).code).toBe("rate_limited");
  await signUp("ann");
  await signUp("pupil-0");
  await signUp("pupil-50", "there");
  clock.advance(60_000);
  await signUp("pupil-51");
});
