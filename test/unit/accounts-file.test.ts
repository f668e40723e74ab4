import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AccountsFile, noAccountStore, readAccountsFile } from "../../server/adapters/accounts-file.ts";
import { argon2 } from "../../server/adapters/argon2.ts";
import { Accounts } from "../../server/domain/accounts.ts";
import { Passwords } from "../../server/domain/passwords.ts";
import { Throttle } from "../../server/domain/throttle.ts";
import { account, FakeLog, rejectionOf } from "../support/domain-fakes.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
let path: string;
const log = new FakeLog();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyroom-accounts-"));
  path = join(folder, "accounts.json");
  log.lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

test("where there is no file yet, there are no accounts, and none is made by reading", async () => {
  expect(await readAccountsFile(path)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test("gives back every field of what was saved", async () => {
  const accounts = [
    account("ann", { role: "manager", tokens: ["hash-1", "hash-2"], seenAt: 5 }),
    account("guest-1", { kind: "anonymous", passwordHash: null }),
    account("__proto__", { kind: "held", passwordHash: null, kept: false }),
  ];
  await new AccountsFile(path, log).save(() => accounts);
  expect(await readAccountsFile(path)).toEqual(accounts);
  expect(log.lines).toEqual([]);
});

test("only its owner can read the file, and nothing is left beside it", async () => {
  const file = new AccountsFile(path, log);
  await file.save(() => [account("ann")]);
  await file.save(() => [account("ann"), account("bob")]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["accounts.json"]);
});

test("a file is replaced and never written over: whoever has the old one open reads it to its end", async () => {
  const file = new AccountsFile(path, log);
  await file.save(() => [account("ann")]);
  const before = (await stat(path)).ino;
  await file.save(() => [account("bob")]);
  expect((await stat(path)).ino).not.toBe(before);
});

test("however often it is read meanwhile, the file is one of the states that were saved, complete", async () => {
  const file = new AccountsFile(path, log);
  const state = (size: number) => Array.from({ length: size }, (_, i) => account(`user-${size}-${i}`));
  await file.save(() => state(1));
  let writing = true;
  const writes = (async () => {
    for (let size = 2; size < 40; size++) await file.save(() => state(size));
    writing = false;
  })();
  let reads = 0;
  for (; writing; reads++) {
    const found = await readAccountsFile(path);
    expect(found).toEqual(state(found.length));
  }
  await writes;
  expect(reads).toBeGreaterThan(0);
});

test("wishes that come while a write is under way become one next write, of the newest state", async () => {
  const file = new AccountsFile(path, log);
  let snapshots = 0;
  let newest = 0;
  const save = () =>
    file.save(() => {
      snapshots++;
      return [account(`state-${newest}`)];
    });
  const first = save();
  await Promise.resolve();
  const others = Array.from({ length: 100 }, () => {
    newest++;
    return save();
  });
  expect(new Set(others).size).toBe(1);
  await first;
  // What a wish's promise says is true when it resolves.
  await others[0];
  expect((await readAccountsFile(path)).map(({ name }) => name)).toEqual(["state-100"]);
  expect(snapshots).toBe(2);
  newest = 200;
  await save();
  expect((await readAccountsFile(path)).map(({ name }) => name)).toEqual(["state-200"]);
});

test("wishes of one turn are one write", async () => {
  const file = new AccountsFile(path, log);
  let snapshots = 0;
  const save = () => file.save(() => [account(`state-${++snapshots}`)]);
  await Promise.all([save(), save(), save()]);
  expect(snapshots).toBe(1);
});

describe("a file that is none of ours", () => {
  const good = account("ann");
  test.each<[string, string]>([
    ["empty", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["another format", JSON.stringify({ format: 2, accounts: [] })],
    ["no list", JSON.stringify({ format: 1, accounts: {} })],
    ["an unknown role", JSON.stringify({ format: 1, accounts: [{ ...good, role: "root" }] })],
    ["an unknown kind", JSON.stringify({ format: 1, accounts: [{ ...good, kind: "king" }] })],
    ["a missing hash", JSON.stringify({ format: 1, accounts: [{ ...good, passwordHash: undefined }] })],
    ["half a file", JSON.stringify({ format: 1, accounts: [good] }).slice(0, -3)],
  ])("(%s) is named, and what to do is said", async (_what, text) => {
    await writeFile(path, text);
    await expect(readAccountsFile(path)).rejects.toThrow(
      `${path} is not an accounts file of Keyroom. Name another file, or move this one away.`,
    );
    expect(await readFile(path, "utf8")).toBe(text);
  });
});

test("a file that cannot be read is named, with the reason", async () => {
  await mkdir(path);
  await expect(readAccountsFile(path)).rejects.toThrow(/^Cannot read the accounts file .*accounts\.json: EISDIR/);
  const loop = join(folder, "loop");
  await symlink(loop, loop);
  await expect(readAccountsFile(loop)).rejects.toThrow(/^Cannot read the accounts file .*loop: ELOOP/);
});

test("where it cannot be written that is logged, the server goes on, and the next save tries again", async () => {
  const later = join(folder, "not", "yet", "there.json");
  const file = new AccountsFile(later, log);
  await file.save(() => [account("ann")]);
  expect(log.lines).toEqual([
    {
      level: "error",
      fields: { err: expect.objectContaining({ code: "ENOENT" }), path: later },
      message: "could not write the accounts file",
    },
  ]);
  await mkdir(join(folder, "not", "yet"), { recursive: true });
  await file.save(() => [account("ann")]);
  expect(await readAccountsFile(later)).toHaveLength(1);
  expect(log.lines).toHaveLength(1);
});

test("a write that fails half way leaves the file as it was", async () => {
  const file = new AccountsFile(path, log);
  await file.save(() => [account("ann")]);
  await mkdir(`${path}.tmp`);
  await file.save(() => [account("bob")]);
  expect(log.lines).toHaveLength(1);
  expect((await readAccountsFile(path)).map(({ name }) => name)).toEqual(["ann"]);
});

test("after a restart accounts, roles, passwords and tokens hold, and neither password nor token is in the file", async () => {
  const clock = new ManualClock();
  const start = async () => {
    const accounts = new Accounts(new AccountsFile(path, log), () => clock.now(), await readAccountsFile(path));
    return { accounts, passwords: new Passwords(accounts, argon2, new Throttle(clock)) };
  };
  const before = await start();
  const ann = await before.passwords.signIn("ann", "correct horse", "here");
  const token = before.accounts.issueToken(ann);
  before.accounts.setRole(ann, "manager");
  before.accounts.create("passing", "anonymous");
  await before.accounts.save();

  const text = await readFile(path, "utf8");
  expect(text).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
  for (const secret of ["correct horse", token]) expect(text).not.toContain(secret);

  const after = await start();
  expect(after.accounts.size).toBe(1);
  expect(after.accounts.findByToken(token)).toMatchObject({ name: "ann", role: "manager" });
  expect((await after.passwords.signIn("ann", "correct horse", "here")).role).toBe("manager");
  expect((await rejectionOf(after.passwords.signIn("ann", "wrong horse", "here"))).code).toBe("unauthenticated");
});

test("without a file nothing is kept, not even asked for", async () => {
  await noAccountStore.save(() => {
    throw new Error("asked");
  });
});
