/** Who locks what, taking and releasing, and waiting for others. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, type OpenMenu, pick, picture, put } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { enter } = KEYS;
let server: RunningServer;
let ada: Store;
let bob: Store;
let menu: OpenMenu;
let terminal: VirtualTerminal;
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await bob.upgrade();
  menu = await menuOf(ada, server.url, { rows: 40 });
  ({ terminal } = menu);
});
afterEach(async () => {
  await closeMenus();
  for (const store of [ada, bob]) store.close();
  await server.close();
});

/** From the locks on: takes one in the mode, up to what comes of it. */
async function take(key: string, mode = "exclusive"): Promise<void> {
  await terminal.shows("? Locks\n");
  await pick(terminal, "take");
  await terminal.shows("? Lock key");
  await pick(terminal, key);
  await terminal.shows(`? Lock ${key} how`);
  await pick(terminal, mode);
}

/** Those who wait in ada's room, once there are so many. */
async function waiters(count: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    void bob.room("ada").followLocks((list) => {
      if (list.waiters.length === count) resolve(list.waiters.map(({ user }) => user));
    });
  });
}

async function holders(): Promise<readonly string[]> {
  const list = await ada.locks();
  return list.holders.map(({ key, mode, user }) => `${key} ${mode} ${user}`);
}

test("an own lock is taken, stands in the header, keeps others off and is released", async () => {
  await choose(terminal, "k", "  No key is locked.");
  await take("city");
  await terminal.shows("  Locked city, until you release it or quit.");
  await terminal.shows("  city: exclusive, you since ");
  expect(await holders()).toEqual(["city exclusive ada"]);
  await expect(bob.room("ada").put("city", "Porto")).rejects.toMatchObject({ code: "locked" });
  terminal.press(KEYS.escape);
  await terminal.shows("\n1 lock\n? What next?");
  // Whoever holds it writes.
  await put(terminal, "city", "Kolkata");
  await terminal.shows("Created city, revision 1.");
  await choose(terminal, "k", "? Locks\n❯ take\n  release\n  look again\n");
  await pick(terminal, "rel", "release");
  await terminal.shows("  Released city.\n  No key is locked.");
  terminal.press(KEYS.escape);
  expect(await terminal.shows("? What next?")).not.toContain("1 lock\n?");
  expect(await holders()).toEqual([]);
});

test("several keys are taken together, and released one by one or all", async () => {
  await choose(terminal, "k", "? Locks");
  await pick(terminal, "take");
  for (const [i, key] of ["a", "b", "c"].entries()) {
    await terminal.shows(i === 0 ? "? Lock key" : "\n? And lock key");
    await pick(terminal, key);
    await terminal.shows(" how\n");
    await pick(terminal, i < 2 ? "another" : "shared", i < 2 ? "another key" : "shared");
  }
  await terminal.shows("  Locked a, b, c, until you release them or quit.");
  expect(await holders()).toEqual(["a shared ada", "b shared ada", "c shared ada"]);
  await terminal.shows("? Locks\n");
  await pick(terminal, "rel", "release");
  await terminal.shows("? Release which\n❯ all of them\n  a\n  b\n  c\n");
  await pick(terminal, "b");
  await terminal.shows("  Released b.");
  await terminal.shows("? Locks\n");
  await pick(terminal, "rel", "release");
  await terminal.shows("? Release which\n❯ all of them\n  a\n  c\n");
  terminal.press(enter);
  await terminal.shows("  Released a, c.\n  No key is locked.");
});

test("who holds and who waits behind whom is listed, with what others called their keys only shown", async () => {
  const evil = "k\x1b[2J";
  await bob.room("ada").lock([evil, "city"]);
  await ada.lock(["town"], { mode: "shared" });
  void ada.lock(["city", "pass"], { waitMs: 30_000 }).catch(() => undefined);
  await waiters(1);
  await choose(terminal, "k", "? Locks");
  expect(picture(terminal.screen)).toContain(`  k\\x1b[2J: exclusive, bob since 12:34:56
  city: exclusive, bob since 12:34:56
  town: shared, you (elsewhere) since 12:34:56
  you (elsewhere), waiting for city, pass (exclusive) behind bob since 12:34:56
`);
  expect(terminal.written).not.toContain(evil);
});

test("where somebody else holds it he is named, and who will not wait has nothing", async () => {
  await bob.room("ada").lock(["city"]);
  await choose(terminal, "k", "? Locks");
  await take("city", "shared");
  await terminal.shows("! city is locked: bob comes first, since ");
  await terminal.shows("? Wait for that, up to a minute? (y/N)");
  terminal.press(enter);
  await terminal.shows("  Left as it was.");
  await terminal.shows("? Locks\n");
  expect((await ada.locks()).waiters).toEqual([]);
});

test("a wait says behind whom, and ends when it is its turn", async () => {
  await bob.room("ada").lock(["city"]);
  await choose(terminal, "k", "? Locks");
  await take("city");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await terminal.shows("  In line behind bob.");
  await terminal.shows("Waiting for city… esc back");
  await bob.room("ada").unlock(["city"]);
  await terminal.shows("  Locked city,");
  expect(await holders()).toEqual(["city exclusive ada"]);
});

test("Esc gives a wait up, on the server, too, and what was held before is kept", async () => {
  await bob.room("ada").lock(["city"]);
  await choose(terminal, "k", "? Locks");
  await take("town");
  await terminal.shows("  Locked town,");
  await terminal.shows("? Locks\n");
  await pick(terminal, "take");
  for (const key of ["town", "city"]) {
    await terminal.shows("ock key");
    await pick(terminal, key);
    await terminal.shows(" how\n");
    await pick(terminal, key === "town" ? "another" : "exclusive", key === "town" ? "another key" : "exclusive");
  }
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await waiters(1);
  terminal.press(KEYS.escape);
  await terminal.shows("  Gave up the wait. Nothing was changed.");
  expect((await ada.locks()).waiters).toEqual([]);
  expect(await holders()).toEqual(["city exclusive bob", "town exclusive ada"]);
  await bob.room("ada").unlock(["city"]);
  expect(await holders()).toEqual(["town exclusive ada"]);
});

test("Ctrl-C during a wait quits, and neither waits nor holds any more", async () => {
  await bob.room("ada").lock(["city"]);
  await choose(terminal, "k", "? Locks");
  await take("town");
  await terminal.shows("  Locked town,");
  await take("city");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await waiters(1);
  terminal.press(KEYS.ctrlC);
  expect(await menu.exit).toBe(130);
  await terminal.shows("  Gave up your lock.");
  expect((await ada.locks()).waiters).toEqual([]);
  expect(await holders()).toEqual(["city exclusive bob"]);
});

test("whoever quits gives up what he holds, and is told so", async () => {
  await choose(terminal, "k", "? Locks");
  await take("city");
  await terminal.shows("  Locked city,");
  terminal.press(KEYS.escape);
  await choose(terminal, "q", "  Gave up your lock.");
  expect(await menu.exit).toBe(0);
  expect(await holders()).toEqual([]);
});

test("a put of a locked key says who has it, waits where asked to, and is done at its turn", async () => {
  await bob.room("ada").lock(["city"]);
  await put(terminal, "city", "Kolkata");
  await terminal.shows("! city is locked: bob comes first, since ");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await terminal.shows("  In line behind bob.");
  await waiters(1);
  await bob.room("ada").unlock(["city"]);
  await terminal.shows("  Created city, revision 1.");
  expect(await ada.get("city")).toMatchObject({ value: "Kolkata" });
});

test("a put that is left, or given up while it waits, is never done", async () => {
  await bob.room("ada").lock(["city"]);
  await put(terminal, "city", "Kolkata");
  await terminal.shows("(y/N)");
  terminal.press(KEYS.escape);
  await terminal.shows("  Left as it was.");
  await put(terminal, "city", "Kolkata");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await waiters(1);
  terminal.press(KEYS.escape);
  await terminal.shows("  Gave up the wait. Nothing was changed.");
  await bob.room("ada").unlock(["city"]);
  expect(await ada.get("city")).toBeNull();
});

test("a deletion waits likewise", async () => {
  await ada.put("city", "Kolkata");
  await bob.room("ada").lock(["city"], { mode: "shared" });
  await choose(terminal, "d", "❯ city");
  terminal.press(enter);
  await terminal.shows("Delete city for good?");
  terminal.press("y", enter);
  await terminal.shows("! city is locked: bob comes first, since ");
  await terminal.shows("minute? (y/N)");
  terminal.press("y", enter);
  await waiters(1);
  await bob.room("ada").unlock(["city"]);
  await terminal.shows("  Deleted city, revision 2.");
});

test("a lock that is lost is told of in the feed with its reason, and counted no more", async () => {
  await server.promote("ada");
  await choose(terminal, "r", "? Whose room");
  await pick(terminal, "bob");
  await terminal.shows("in bob's room");
  await choose(terminal, "k", "? bob's locks");
  await pick(terminal, "take");
  await terminal.shows("? Lock bob's key");
  await pick(terminal, "city");
  await terminal.shows("? Lock city how");
  terminal.press(enter);
  await terminal.shows("  Locked city,");
  terminal.press(KEYS.escape);
  await terminal.shows("1 lock\n");
  await server.demote("ada");
  const screen = await terminal.shows("Your lock on city in bob's room is lost: the right to it is gone.");
  expect(screen).not.toContain("1 lock\n");
});
