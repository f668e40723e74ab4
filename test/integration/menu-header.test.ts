/** The header is always true: what the connection does, who watches, and how a cut ended. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, hostAndPort, menuOf } from "../support/menu.ts";
import { FaultProxy, NOWHERE } from "../support/proxy.ts";
import type { VirtualTerminal } from "../support/virtual-terminal.ts";

let home: Home;
let server: RunningServer;
let proxy: FaultProxy;
let stores: Store[];
let terminal: VirtualTerminal;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, upgrade: "open", accountsFile: home.path("accounts") });
  proxy = await FaultProxy.open(server.url);
  stores = [];
  ({ terminal } = await menuOf(await join("ada"), proxy.url, { rows: 40 }));
});
afterEach(async () => {
  await closeMenus();
  for (const store of stores) store.close();
  await proxy.close();
  await server.close();
  await home.remove();
});

async function join(user: string): Promise<Store> {
  const store = await connect(server.url, { user, password: "right" });
  stores.push(store);
  return store;
}

async function manager(user: string): Promise<Store> {
  const store = await join(user);
  await store.upgrade();
  return store;
}

/** Cuts the line to the server; attempts to restore it fail. */
function cutOff(): void {
  proxy.leadTo(NOWHERE);
  proxy.cut();
}

test("the round trip is shown when it has been measured, and not while the server is gone", async () => {
  await terminal.fits((screen) => /· ● live · \d+ ms$/m.test(screen));
  cutOff();
  expect(await terminal.shows("○ reconnecting")).not.toMatch(/\d ms$/m);
});

test("while the server is gone the time to the next attempt counts down, and its number up", async () => {
  const reported = (attempt: number) => (screen: string) => {
    const [, seconds, shown] = /○ reconnecting in (\d+) s \(attempt (\d+)\)/.exec(screen) ?? [];
    return Number(seconds) > 0 && Number(shown) >= attempt;
  };
  cutOff();
  await terminal.fits(reported(1));
  await terminal.fits(reported(2));
  proxy.leadTo(server.url);
  await terminal.shows("● live");
});

test("after a cut it says how many changes were missed, and the feed tells them", async () => {
  const bob = await manager("bob");
  await choose(terminal, "w", "watching 1 room");
  await terminal.shows("0 keys.");
  cutOff();
  await terminal.shows("watching 1 room (waiting)");
  for (const value of ["1", "2", "3"]) await bob.room("ada").put("n", value);
  proxy.leadTo(server.url);
  await terminal.shows("● resumed, 3 replayed");
  await terminal.shows('bob put your n = "3"');
  await terminal.shows("watching 1 room · 4 unread");
});

test("after a cut without news it says so", async () => {
  await choose(terminal, "w", "watching 1 room");
  await terminal.shows("0 keys.");
  proxy.cut();
  await terminal.shows("● resumed, 0 replayed");
});

test("after a restart that forgot the keys it says that there is a gap", async () => {
  const [ada] = stores;
  await ada?.put("city", "Kolkata");
  await choose(terminal, "w", "watching 1 room");
  await terminal.shows("1 key.");
  const { port } = hostAndPort(server.url);
  await server.close();
  await terminal.shows("○ reconnecting");
  server = await startServer({ port, upgrade: "open", accountsFile: home.path("accounts") });
  await terminal.shows("◐ gap, reloaded");
  await terminal.shows("city is gone from your room");
});

test("how many watch one's room is shown, and follows them as they come and go", async () => {
  const watches = [];
  for (const [i, user] of ["bob", "cleo"].entries()) {
    watches.push((await manager(user)).room("ada").watch());
    await terminal.shows(i === 0 ? "\n1 watches you\n" : "\n2 watch you\n");
  }
  for (const watch of watches) watch.close();
  await terminal.fits((screen) => !/\d watch(es)? you$/m.test(screen));
});
