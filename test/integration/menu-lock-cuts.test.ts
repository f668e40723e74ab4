/** Locks and waits of a menu whose line to the server breaks. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, hostAndPort, menuOf, type OpenMenu, pick, put } from "../support/menu.ts";
import { FaultProxy, NOWHERE } from "../support/proxy.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let home: Home;
let server: RunningServer;
let proxy: FaultProxy;
let ada: Store;
let menu: OpenMenu;
let terminal: VirtualTerminal;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, accountsFile: home.path("accounts") });
  proxy = await FaultProxy.open(server.url);
  ada = await connect(server.url, { user: "ada", password: "right" });
  menu = await menuOf(ada, proxy.url, { rows: 40 });
  ({ terminal } = menu);
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await proxy.close();
  await server.close();
  await home.remove();
});

async function take(key: string): Promise<void> {
  await choose(terminal, "k", "? Locks\n");
  await pick(terminal, "take");
  await terminal.shows("? Lock key");
  await pick(terminal, key);
  await terminal.shows(`? Lock ${key} how`);
  terminal.press(KEYS.enter);
}

async function waiting(): Promise<void> {
  await terminal.shows("(y/N)");
  terminal.press("y", KEYS.enter);
  await terminal.shows("  In line behind yourself (elsewhere).");
}

function cutOff(): void {
  proxy.leadTo(NOWHERE);
  proxy.cut();
}

test("a wait goes on through a cut, to its turn", async () => {
  await ada.lock(["city"]);
  await take("city");
  await waiting();
  proxy.cut();
  await terminal.shows("* Connected again.");
  await ada.unlock(["city"]);
  await terminal.shows("  Locked city, ");
  expect((await ada.locks()).holders).toMatchObject([{ key: "city", mine: false }]);
});

test("a put whose wait is given up while the server is away ends when it is back, and that is told", async () => {
  await ada.lock(["city"]);
  await put(terminal, "city", "Kolkata");
  await waiting();
  cutOff();
  await terminal.shows("Reconnecting…");
  terminal.press(KEYS.escape);
  await terminal.shows("  The wait ends as soon as the server is back.");
  await terminal.shows("1 queued");
  proxy.leadTo(server.url);
  await terminal.shows("* Not committed: put city. The wait was given up");
  expect((await ada.locks()).waiters).toEqual([]);
  await ada.unlock(["city"]);
  expect(await ada.get("city")).toBeNull();
});

test("a lock is held through a cut, and still counted", async () => {
  await take("city");
  await terminal.shows("  Locked city, ");
  terminal.press(KEYS.escape);
  await terminal.shows("1 lock\n");
  proxy.cut();
  await terminal.shows("* Connected again.");
  expect(await terminal.shows("● live")).toContain("1 lock\n");
});

test("whoever quits while the server is away is told how long it keeps the lock", async () => {
  await take("city");
  await terminal.shows("  Locked city, ");
  terminal.press(KEYS.escape);
  await terminal.shows("1 lock\n");
  cutOff();
  await terminal.shows("○ reconnecting");
  await choose(terminal, "q", "  The server could not be told: it gives up your lock by itself, within ");
  expect(await menu.exit).toBe(0);
});

test("a server that forgot the session has given up its locks, and the feed says so", async () => {
  await take("city");
  await terminal.shows("  Locked city, ");
  terminal.press(KEYS.escape);
  await terminal.shows("1 lock\n");
  const { port } = hostAndPort(server.url);
  await server.close();
  server = await startServer({ port, accountsFile: home.path("accounts") });
  const told = "Your lock on city in your room is lost: the server does not know this";
  expect(await terminal.shows(told)).not.toContain("1 lock\n");
});
