import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, hostAndPort, news, menuOf as openMenuOf, pick } from "../support/menu.ts";
import { FaultProxy } from "../support/proxy.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const PASSPHRASE = "open sesame";
let home: Home;
let server: RunningServer;
let ada: Store;
let bob: Store;
let cleo: Store;
beforeEach(async () => {
  home = await Home.make();
  await serve(0);
});
afterEach(async () => {
  await closeMenus();
  for (const store of [ada, bob, cleo]) store.close();
  await server.close();
  await home.remove();
});

async function serve(port: number): Promise<void> {
  server = await startServer({ port, managerPassphrase: PASSPHRASE, accountsFile: home.path("accounts") });
  const join = (user: string) => connect(server.url, { user, password: "right" });
  [ada, bob, cleo] = [await join("ada"), await join("bob"), await join("cleo")];
}

async function menuOf(store: Store, url = server.url): Promise<VirtualTerminal> {
  return (await openMenuOf(store, url)).terminal;
}

async function managersMenu(url?: string): Promise<VirtualTerminal> {
  await ada.upgrade(PASSPHRASE);
  return menuOf(ada, url);
}

/** Turns the watches of rooms on or off, each by its title. */
async function toggle(
  terminal: VirtualTerminal,
  ...rooms: readonly (readonly [title: string, told: string])[]
): Promise<void> {
  await choose(terminal, "w", "? Watch whose room");
  for (const [title, told] of rooms) {
    terminal.press(title);
    await terminal.fits(
      (screen) => screen.includes(`? Watch whose room ${title}\n❯ [`) || screen.includes("exactly this name"),
    );
    terminal.press(KEYS.enter);
    await terminal.shows(told);
    await terminal.shows("? Watch whose room\n");
  }
  terminal.press(KEYS.escape);
  await terminal.shows("What next?");
}

/** Begins to set a key, up to the question for its value. */
async function askedForValue(terminal: VirtualTerminal, typed: string): Promise<void> {
  await choose(terminal, "p", "key");
  await pick(terminal, "note");
  await terminal.shows("? Value");
  terminal.press(typed);
  await terminal.shows(`? Value ${typed}`);
}

test("a guest watches the own room, is told of others' changes and not of this menu's, until he has enough", async () => {
  await bob.put("city", "Paris");
  const terminal = await menuOf(bob);
  await choose(terminal, "w", "watching 1 room");
  await terminal.shows("Watching your room: 1 key.");
  await askedForValue(terminal, "mine");
  terminal.press(KEYS.enter);
  await terminal.shows("Created note, revision 2.");
  await bob.put("city", 'Lis\u001b[31m"bon"');
  await terminal.shows('bob put city = "Lis\\u001b[31m\\"bon\\""');
  await bob.delete("city");
  await terminal.shows("bob deleted city");
  expect(news(terminal.screen)).toEqual([
    "Watching your room: 1 key.",
    'bob put city = "Lis\\u001b[31m\\"bon\\""',
    "bob deleted city",
  ]);
  await choose(terminal, "w", "  Not watching your room any more.");
  await terminal.fits((screen) => !screen.includes("watching 1 room"));
  await bob.put("city", "Rome");
  await choose(terminal, "g", "❯ city\n");
  expect(terminal.screen).not.toContain("put city");
  expect(terminal.written).not.toContain("Lis\u001b");
});

test("a manager follows two users' rooms, each of the two and who wrote there", async () => {
  const terminal = await managersMenu();
  await toggle(
    terminal,
    ["bob's room", "Watching bob's room: 0 keys."],
    ["cleo's room", "Watching cleo's room: 0 keys."],
  );
  await terminal.shows("watching 2 rooms");
  await bob.put("city", "Lisbon");
  await terminal.shows('bob put city = "Lisbon"');
  await ada.room("cleo").put("city", "Rome");
  await terminal.shows(`ada put cleo's city = "Rome"`);
  await cleo.put("x", "y".repeat(5000));
  const screen = await terminal.shows("cleo put x = ");
  expect(screen).toMatch(/^\d\d:\d\d:\d\d cleo put x = "y{50,}…$/m);
  await toggle(terminal, ["cleo's room", "  Not watching cleo's room any more."]);
  await terminal.shows("watching 1 room ");
});

test("all rooms take the place of single ones, and bring those born later", async () => {
  const terminal = await managersMenu();
  await toggle(
    terminal,
    ["bob's room", "Watching bob's room: 0 keys."],
    ["all rooms", "Watching cleo's room: 0 keys."],
  );
  await terminal.shows("watching all rooms");
  const dora = await connect(server.url, { user: "dora", password: "right" });
  await terminal.shows("Watching dora's room: 0 keys.");
  await dora.put("a", "1");
  await terminal.shows('dora put a = "1"');
  dora.close();
});

test("100 pushes leave a sentence that is being typed as it is, and the screen readable", async () => {
  const terminal = await managersMenu();
  await toggle(
    terminal,
    ["bob's room", "Watching bob's room: 0 keys."],
    ["cleo's room", "Watching cleo's room: 0 keys."],
  );
  await askedForValue(terminal, "All that is typed");
  for (let i = 0; i < 60; i++) {
    if (i % 10 === 0) terminal.press(` ${i}`);
    await bob.put("count", String(i));
  }
  await Promise.all(Array.from({ length: 40 }, (_, i) => cleo.put(`k${i}`, "1")));
  const changes = () => news(terminal.screen).filter((line) => !line.startsWith("Watching"));
  const told = () => changes().reduce((sum, line) => sum + Number(/^(\d+) changes\b/.exec(line)?.[1] ?? 1), 0);
  await terminal.fits(() => told() === 100);
  expect(changes().length).toBeLessThan(15);
  terminal.press(".");
  const screen = await terminal.shows("? Value All that is typed 0 10 20 30 40 50.");
  expect(screen.match(/All that/g)).toHaveLength(1);
  terminal.press(KEYS.enter);
  await terminal.shows("✔ Value All that is typed 0 10 20 30 40 50.\n  Created note, revision 1.");
});

test("a cut while a sentence is typed loses nothing, and both ends of it are said", async () => {
  const proxy = await FaultProxy.open(server.url);
  const terminal = await managersMenu(proxy.url);
  await toggle(terminal, ["bob's room", "Watching bob's room: 0 keys."]);
  await askedForValue(terminal, "half a");
  proxy.hold("answers");
  await bob.put("a", "1");
  proxy.cut();
  await bob.put("b", "2");
  await terminal.shows("Reconnecting…");
  terminal.press(" sentence");
  await terminal.shows("* Watching goes on: 2 changes were missed, and told now.");
  await terminal.shows("told now.\n? Value half a sentence");
  expect(news(terminal.screen).slice(1)).toEqual(['bob put a = "1"', 'bob put b = "2"']);
  await proxy.close();
});

test("a restart that forgot the keys is a gap, with all that differs", async () => {
  await bob.put("old", "1");
  const terminal = await managersMenu();
  await toggle(terminal, ["bob's room", "Watching bob's room: 1 key."]);
  const { port } = hostAndPort(server.url);
  for (const store of [ada, bob, cleo]) store.close();
  await server.close();
  await terminal.shows("watching 1 room (waiting)");
  await serve(port);
  await terminal.shows("old is gone from bob's room");
  await bob.put("new", "2");
  await terminal.shows('bob put new = "2"');
  await terminal.shows("watching 1 room · ");
  expect(news(terminal.screen)).toEqual([
    "Gap in bob's room: not every change is known. What differs:",
    "old is gone from bob's room",
    'bob put new = "2"',
  ]);
});

test("a demotion ends the watches of others' rooms and says so; a room that is not there is said, too", async () => {
  const terminal = await managersMenu();
  await toggle(
    terminal,
    ["nobody", "Not watching nobody's room any more. "],
    ["your room", "Watching your room: 0 keys."],
  );
  await toggle(terminal, ["bob's room", "Watching bob's room: 0 keys."]);
  await ada.promote("bob");
  await bob.demote("ada");
  await terminal.shows("Not watching bob's room any more. You are no manager any more.");
  await terminal.shows("ada · guest · ");
  await terminal.shows("watching 1 room · ");
  await bob.put("secret", "1");
  await ada.put("a", "1");
  await terminal.shows('ada put a = "1"');
  expect(terminal.written).not.toContain("secret");
});
