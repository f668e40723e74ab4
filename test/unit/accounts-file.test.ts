import { spawnSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { noAccountStore, openAccountsFile } from "../../server/adapters/accounts-file.ts";
import { argon2 } from "../../server/adapters/argon2.ts";
import { type Account, Accounts } from "../../server/domain/accounts.ts";
import { Newcomers } from "../../server/domain/newcomers.ts";
import { Passwords } from "../../server/domain/passwords.ts";
import { Throttle } from "../../server/domain/throttle.ts";
import { account, FakeLog } from "../support/domain-fakes.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
let path: string;
const log = new FakeLog();
const closers: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyroom-accounts-"));
  path = join(folder, "accounts.json");
  log.lines.length = 0;
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await rm(folder, { recursive: true });
});

async function open(file = path) {
  const opened = await openAccountsFile(file, log);
  closers.push(opened.close);
  return opened;
}

/** What is in the file now. */
async function saved(file = path): Promise<readonly Account[]> {
  return (JSON.parse(await readFile(file, "utf8")) as { accounts: readonly Account[] }).accounts;
}

test("where there is no file yet, one without accounts is made", async () => {
  expect((await open()).saved).toEqual([]);
  expect(await saved()).toEqual([]);
});

test("gives back every field of what was saved", async () => {
  const accounts = [
    account("ann", { role: "manager", tokens: ["hash-1", "hash-2"], seenAt: 5 }),
    account("guest-1", { kind: "anonymous", passwordHash: null }),
    account("__proto__", { kind: "held", passwordHash: null, kept: false }),
  ];
  const { store, close } = await open();
  await store.save(() => accounts);
  close();
  expect((await open()).saved).toEqual(accounts);
  expect(log.lines).toEqual([]);
});

test("only its owner can read the file and its lock, and nothing else is left beside it", async () => {
  const { store, close } = await open();
  await store.save(() => [account("ann")]);
  await store.save(() => [account("ann"), account("bob")]);
  expect((await readdir(folder)).sort()).toEqual(["accounts.json", "accounts.json.lock"]);
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  close();
  expect(await readdir(folder)).toEqual(["accounts.json"]);
});

test.each(["there", "not there yet"])("a link to a file that is %s stays a link", async (state) => {
  const target = join(folder, "elsewhere", "real.json");
  await mkdir(join(folder, "elsewhere"));
  if (state === "there") await writeFile(target, JSON.stringify({ format: 1, accounts: [account("ann")] }));
  await symlink(join("elsewhere", "real.json"), path);
  const { store, saved: before } = await open();
  expect(before).toHaveLength(state === "there" ? 1 : 0);
  await store.save(() => [account("bob")]);
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect((await saved(target)).map(({ name }) => name)).toEqual(["bob"]);
});

test("a second server on the same file is refused, also by way of a link, until the first one closes", async () => {
  const { close } = await open();
  const link = join(folder, "link.json");
  await symlink(path, link);
  for (const name of [path, link]) {
    await expect(open(name)).rejects.toThrow(
      `Another server (process ${process.pid}) uses the accounts file ${path}. ` +
        `Stop it, or name another file. If there is no such server, delete ${path}.lock.`,
    );
  }
  close();
  await open(link);
  // The first one's right has ended: closing it again takes nothing away.
  close();
  await expect(open()).rejects.toThrow("Another server");
});

test("a lock of a process that is gone does not count, and neither does one of an earlier process with our id", async () => {
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  for (const holder of [gone, process.pid]) {
    await writeFile(`${path}.lock`, String(holder));
    const { close } = await open();
    expect(await readFile(`${path}.lock`, "utf8")).toBe(String(process.pid));
    close();
  }
});

test.each([String(process.ppid), "", "me\u001b[2J", "0", "-1"])("a lock of %j counts", async (holder) => {
  await writeFile(`${path}.lock`, holder);
  const who = holder === String(process.ppid) ? holder : "unknown";
  await expect(open()).rejects.toThrow(`Another server (process ${who}) uses`);
  expect(await readFile(`${path}.lock`, "utf8")).toBe(holder);
});

test("a file is replaced and never written over: whoever has the old one open reads it to its end", async () => {
  const file = (await open()).store;
  await file.save(() => [account("ann")]);
  const before = (await stat(path)).ino;
  await file.save(() => [account("bob")]);
  expect((await stat(path)).ino).not.toBe(before);
});

test("however often it is read meanwhile, the file is one of the states that were saved, complete", async () => {
  const file = (await open()).store;
  const state = (size: number) => Array.from({ length: size }, (_, i) => account(`user-${size}-${i}`));
  await file.save(() => state(1));
  let writing = true;
  const writes = (async () => {
    for (let size = 2; size < 40; size++) await file.save(() => state(size));
    writing = false;
  })();
  let reads = 0;
  for (; writing; reads++) {
    const found = await saved();
    expect(found).toEqual(state(found.length));
  }
  await writes;
  expect(reads).toBeGreaterThan(0);
});

test("wishes that come while a write is under way become one next write, of the newest state", async () => {
  const file = (await open()).store;
  let snapshots = 0;
  let newest = 0;
  const save = () =>
    file.save(() => {
      snapshots++;
      return [account(`state-${newest}`)];
    });
  const first = save();
  while (snapshots === 0) await Promise.resolve();
  const others = Array.from({ length: 100 }, () => {
    newest++;
    return save();
  });
  expect(new Set(others).size).toBe(1);
  await first;
  // What a wish's promise says is true when it resolves.
  await others[0];
  expect((await saved()).map(({ name }) => name)).toEqual(["state-100"]);
  expect(snapshots).toBe(2);
  newest = 200;
  await save();
  expect((await saved()).map(({ name }) => name)).toEqual(["state-200"]);
});

test("wishes of one turn are one write", async () => {
  const file = (await open()).store;
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
    await expect(open()).rejects.toThrow(
      `${path} is not an accounts file of Keyroom. Name another file, or move this one away.`,
    );
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await readdir(folder)).toEqual(["accounts.json"]);
  });
});

test("a file that cannot be read is named, with the reason", async () => {
  await mkdir(path);
  await expect(open()).rejects.toThrow(/^Cannot read the accounts file .*accounts\.json: EISDIR: [a-z ]+\.$/);
  const loop = join(folder, "loop");
  await symlink(loop, loop);
  await expect(open(loop)).rejects.toThrow(/^Cannot read the accounts file .*loop: ELOOP/);
});

test("a file that cannot be written is named at once, with the reason", async () => {
  const nowhere = join(folder, "not", "there.json");
  await expect(open(nowhere)).rejects.toThrow(
    `Cannot write the accounts file ${nowhere}: ENOENT: no such file or directory. ` +
      "Check its folder, or name another file.",
  );
});

test("a save that fails rejects and is logged, leaves the file as it was, and the next one tries again", async () => {
  await mkdir(join(folder, "there"));
  const there = join(folder, "there", "accounts.json");
  const { store } = await open(there);
  await store.save(() => [account("ann")]);
  await rename(join(folder, "there"), join(folder, "away"));
  const [failed, alike] = [store.save(() => [account("bob")]), store.save(() => [account("bob")])];
  await expect(failed).rejects.toMatchObject({ code: "ENOENT" });
  await expect(alike).rejects.toMatchObject({ code: "ENOENT" });
  expect(log.lines).toEqual([
    {
      level: "error",
      fields: { err: expect.objectContaining({ code: "ENOENT" }), path: there },
      message: "could not write the accounts file",
    },
  ]);
  await rename(join(folder, "away"), join(folder, "there"));
  expect((await saved(there)).map(({ name }) => name)).toEqual(["ann"]);
  await store.save(() => [account("cleo")]);
  expect((await saved(there)).map(({ name }) => name)).toEqual(["cleo"]);
  expect(log.lines).toHaveLength(1);
});

test("a write that fails at its last step leaves nothing behind", async () => {
  const { store } = await open();
  await rm(path);
  await mkdir(join(path, "in the way"), { recursive: true });
  await expect(store.save(() => [account("ann")])).rejects.toThrow();
  expect((await readdir(folder)).sort()).toEqual(["accounts.json", "accounts.json.lock"]);
});

test("after a restart accounts, roles, passwords and tokens hold, and neither password nor token is in the file", async () => {
  const clock = new ManualClock();
  const start = async () => {
    const { saved: known, store, close } = await open();
    const accounts = new Accounts(store, () => clock.now(), known);
    return { accounts, close, passwords: new Passwords(accounts, argon2, new Throttle(clock), new Newcomers(clock)) };
  };
  const before = await start();
  const ann = await before.passwords.signIn("ann", "correct horse", "here");
  const token = before.accounts.issueToken(ann);
  before.accounts.setRole(ann, "manager");
  before.accounts.create("passing", "anonymous");
  await before.accounts.save();
  before.close();

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
