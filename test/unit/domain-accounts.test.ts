import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Account, Accounts, hashToken, MAX_ACCOUNTS, MAX_TOKENS } from "../../server/domain/accounts.ts";
import { account, FakeAccountStore, settle } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusalOf } from "../support/refusal.ts";
import { PROTOTYPE_NAMES, wildText } from "../support/texts.ts";

function setUp(saved: Parameters<typeof account>[] = []) {
  const clock = new ManualClock(1000);
  const store = new FakeAccountStore();
  const all = saved.map((parts) => account(...parts));
  return { clock, store, accounts: new Accounts(store, () => clock.now(), all) };
}

test("a new account is a guest without tokens; one with a password is kept", () => {
  const { accounts } = setUp();
  expect(accounts.create("ann", "password", "hash")).toEqual({
    name: "ann",
    kind: "password",
    role: "guest",
    passwordHash: "hash",
    tokens: [],
    kept: true,
    seenAt: 1000,
  });
  expect(accounts.create("bob", "anonymous")).toMatchObject({ passwordHash: null, kept: false });
  expect(accounts.create("cleo", "held")).toMatchObject({ passwordHash: null, kept: false });
  expect(accounts.size).toBe(3);
  expect([...accounts.all()].map(({ name }) => name)).toEqual(["ann", "bob", "cleo"]);
});

test("a name that is taken cannot be had again, until it is removed", () => {
  const { accounts } = setUp();
  const first = accounts.create("ann", "held");
  const refusal = refusalOf(() => accounts.create("ann", "password", "hash"));
  expect([refusal.code, refusal.message]).toEqual(["name_taken", "The name ann is taken. Choose another."]);
  expect(accounts.find("ann")).toBe(first);
  accounts.remove("ann");
  expect(accounts.find("ann")).toBeUndefined();
  expect(accounts.create("ann", "held")).not.toBe(first);
});

test("names of prototype members are names like others", () => {
  const { accounts } = setUp();
  for (const name of PROTOTYPE_NAMES) expect(accounts.find(name)).toBeUndefined();
  for (const name of PROTOTYPE_NAMES) expect(accounts.create(name, "held").name).toBe(name);
});

test("there is an end to how many accounts are kept", () => {
  const { accounts } = setUp(Array.from({ length: MAX_ACCOUNTS - 1 }, (_, i) => [`user-${i}`]));
  accounts.create("last", "held");
  const refusal = refusalOf(() => accounts.create("beyond", "held"));
  expect([refusal.code, refusal.message]).toEqual(["quota", "The server has as many accounts as it can keep."]);
  accounts.remove("last");
  expect(accounts.create("beyond", "held").name).toBe("beyond");
});

test("names are in the order of their UTF-8 bytes, also after one came or went", () => {
  fc.assert(
    fc.property(fc.uniqueArray(wildText(), { minLength: 2 }), ([first = "", ...names]) => {
      const { accounts } = setUp();
      const sorted = (some: readonly string[]) =>
        [...some].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const name of names) accounts.create(name, "held");
      expect(accounts.names()).toEqual(sorted(names));
      accounts.create(first, "held");
      expect(accounts.names()).toEqual(sorted([first, ...names]));
      accounts.remove(first);
      expect(accounts.names()).toEqual(sorted(names));
    }),
  );
});

test("the sorted names are made once, not for each page", () => {
  const { accounts } = setUp([["b"], ["a"]]);
  expect(accounts.names()).toBe(accounts.names());
});

test("a token is 256 random bits, kept only as its SHA-256", () => {
  const { accounts } = setUp([["ann"]]);
  const ann = accounts.find("ann") as Account;
  const token = accounts.issueToken(ann);
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(accounts.issueToken(ann)).not.toBe(token);
  expect(hashToken(token)).toBe(createHash("sha256").update(token).digest("hex"));
  expect(ann.tokens[0]).toBe(hashToken(token));
  expect(JSON.stringify(ann)).not.toContain(token);
  expect(accounts.findByToken(token)).toBe(ann);
  // Whoever has read the stored hash cannot come in with it.
  expect(accounts.findByToken(hashToken(token))).toBeUndefined();
});

test("of more than 32 tokens the oldest become worthless", () => {
  const { accounts } = setUp([["ann"]]);
  const ann = accounts.find("ann") as Account;
  const tokens = Array.from({ length: MAX_TOKENS + 2 }, () => accounts.issueToken(ann));
  expect(MAX_TOKENS).toBe(32);
  expect(ann.tokens).toEqual(tokens.slice(2).map(hashToken));
  expect(tokens.map((token) => accounts.findByToken(token) === ann)).toEqual(tokens.map((_, i) => i >= 2));
});

test("a revoked token is worthless, the others are not", () => {
  const { accounts } = setUp([["ann"]]);
  const ann = accounts.find("ann") as Account;
  const [first, second] = [accounts.issueToken(ann), accounts.issueToken(ann)];
  accounts.revokeToken(hashToken(first));
  accounts.revokeToken(hashToken(first));
  accounts.revokeToken("no such hash");
  expect(accounts.findByToken(first)).toBeUndefined();
  expect(accounts.findByToken(second)).toBe(ann);
  expect(ann.tokens).toEqual([hashToken(second)]);
});

test("the tokens of a removed account lead nowhere, and removing nobody does nothing", () => {
  const { accounts } = setUp([["ann"], ["bob"]]);
  const token = accounts.issueToken(accounts.find("ann") as Account);
  accounts.remove("ann");
  accounts.remove("nobody");
  expect(accounts.findByToken(token)).toBeUndefined();
  expect(accounts.size).toBe(1);
});

test("what is asked of a removed account does not reach the next one of that name", () => {
  const { accounts } = setUp();
  const old = accounts.create("ann", "held");
  accounts.remove("ann");
  const message = "There is no account ann any more.";
  expect(refusalOf(() => accounts.issueToken(old))).toMatchObject({ code: "unauthenticated", message });
  const next = accounts.create("ann", "held");
  for (const act of [
    () => accounts.setRole(old, "manager"),
    () => accounts.keep(old),
    () => accounts.seen(old),
    () => accounts.issueToken(old),
  ]) {
    expect(refusalOf(act)).toMatchObject({ code: "unauthenticated", message });
  }
  expect(next).toMatchObject({ role: "guest", kept: false, tokens: [] });
});

test("roles, being kept and being seen change the account that everybody holds", () => {
  const { accounts, clock } = setUp([
    ["ann", { kept: false }],
    ["bob", { role: "manager" }],
  ]);
  const ann = accounts.find("ann") as Account;
  expect(accounts.managers()).toBe(1);
  accounts.setRole(ann, "manager");
  expect(accounts.managers()).toBe(2);
  accounts.keep(ann);
  clock.advance(5);
  accounts.seen(ann);
  expect(ann).toMatchObject({ role: "manager", kept: true, seenAt: 1005 });
  accounts.setRole(ann, "guest");
  expect(accounts.managers()).toBe(1);
});

test("only accounts that outlive their sessions are saved", async () => {
  const { accounts, store } = setUp();
  accounts.create("ann", "password", "hash");
  accounts.keep(accounts.create("bob", "anonymous"));
  accounts.create("cleo", "anonymous");
  accounts.create("dan", "held");
  await accounts.save();
  expect(store.savedNames).toEqual(["ann", "bob"]);
});

test("what was saved is there again, its tokens too, and the saved list stays as it was", () => {
  const { accounts } = setUp();
  const ann = accounts.create("ann", "password", "hash");
  const token = accounts.issueToken(ann);
  const saved = structuredClone([ann]);
  const again = new Accounts(new FakeAccountStore(), () => 0, saved);
  expect(again.findByToken(token)).toEqual(ann);
  again.setRole(again.find("ann") as Account, "manager");
  expect(saved[0]?.role).toBe("guest");
});

test("what could not be stored holds all the same, and whoever waits for it is told; the next save has it", async () => {
  const store = new FakeAccountStore();
  const accounts = new Accounts(store, () => 0);
  store.fails = true;
  accounts.create("ann", "password", "hash");
  // Whoever does not wait causes no unhandled rejection, which would end the process.
  void accounts.save();
  await settle();
  const refusal = await rejectionOf(accounts.save());
  expect([refusal.code, refusal.message]).toEqual([
    "unavailable",
    "The server could not store its accounts, and would forget this at a restart. Try again.",
  ]);
  expect(accounts.find("ann")).toBeDefined();
  store.fails = false;
  await accounts.save();
  expect(store.savedNames).toEqual(["ann"]);
});
