import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { closeMenus, hostAndPort, MemoryCredentials, openMenu } from "../support/menu.ts";
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

/** A menu of its own for the user, which can also be reached another way. */
async function menuOf({ session: { user, token } }: Store, url = server.url): Promise<VirtualTerminal> {
  const credentials = new MemoryCredentials();
  await credentials.save(url, user, token);
  const { terminal } = openMenu({ ...hostAndPort(url), user, credentials });
  await terminal.shows("chooses");
  return terminal;
}

async function managersMenu(url?: string): Promise<VirtualTerminal> {
  await ada.upgrade(PASSPHRASE);
  return menuOf(ada, url);
}

async function watch(terminal: VirtualTerminal, typed: string, begun: string): Promise<void> {
  await terminal.shows("chooses");
  terminal.press("w", KEYS.enter);
  await terminal.shows("? Watch whose room\n");
  terminal.press(typed);
  await terminal.shows(`? Watch whose room ${typed}\n❯ ${typed}`);
  terminal.press(KEYS.enter);
  await terminal.shows(begun);
}

/** Begins to set a key, up to the question for its value. */
async function askedForValue(terminal: VirtualTerminal, typed: string): Promise<void> {
  await terminal.shows("chooses");
  terminal.press("p", KEYS.enter);
  await terminal.shows("key");
  terminal.press("note");
  await terminal.shows("❯ note");
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press(typed);
  await terminal.shows(`? Value ${typed}`);
}

/** The screen's lines that tell of what happened, without their times. */
function notices(terminal: VirtualTerminal): string[] {
  return [...terminal.screen.matchAll(/^\d\d:\d\d:\d\d (.*)$/gm)].map(([, text]) => text ?? "");
}

test("a guest watches the own room, is told of others' changes and not of this menu's, until he has enough", async () => {
  await bob.put("city", "Paris");
  const terminal = await menuOf(bob);
  expect(terminal.screen).not.toContain("unwatch");
  terminal.press("w", KEYS.enter);
  await terminal.shows("Watching your room: 1 key.");
  await terminal.shows("bob · guest · watching 1 room · ");
  expect(terminal.screen).not.toContain("  watch ");
  await askedForValue(terminal, "mine");
  terminal.press(KEYS.enter);
  await terminal.shows("Created note, revision 2.");
  await bob.put("city", 'Lis\u001b[31m"bon"');
  await terminal.shows('bob put city = "Lis\\u001b[31m\\"bon\\""');
  await bob.delete("city");
  await terminal.shows("bob deleted city");
  expect(notices(terminal)).toEqual([
    "Watching your room: 1 key.",
    'bob put city = "Lis\\u001b[31m\\"bon\\""',
    "bob deleted city",
  ]);
  terminal.press("u", KEYS.enter);
  await terminal.shows("  Not watching your room any more.\n\nbob · guest · 127.0.0.1");
  expect(terminal.written).not.toContain("Lis\u001b");
});

test("a manager follows two users' rooms, each of the two and who wrote there", async () => {
  const terminal = await managersMenu();
  await watch(terminal, "bob", "Watching bob's room: 0 keys.");
  await watch(terminal, "cleo", "Watching cleo's room: 0 keys.");
  await terminal.shows("ada · manager · watching 2 rooms · ");
  await bob.put("city", "Lisbon");
  await terminal.shows('bob put city = "Lisbon"');
  await ada.room("cleo").put("city", "Rome");
  await terminal.shows(`ada put cleo's city = "Rome"`);
  await cleo.put("x", "y".repeat(5000));
  const screen = await terminal.shows("cleo put x = ");
  expect(screen).toMatch(/^\d\d:\d\d:\d\d cleo put x = "y{50,}…$/m);
  terminal.press("u", KEYS.enter);
  await terminal.shows("? Cease to watch");
  await terminal.shows("❯ everything watched\n  bob's room\n  cleo's room");
  terminal.press("cleo");
  await terminal.shows("? Cease to watch cleo\n❯ cleo's room");
  terminal.press(KEYS.enter);
  await terminal.shows("  Not watching cleo's room any more.\n\nada · manager · watching 1 room · ");
});

test("all rooms take the place of single ones, and bring those born later", async () => {
  const terminal = await managersMenu();
  await watch(terminal, "bob", "Watching bob's room: 0 keys.");
  await watch(terminal, "all rooms", "Watching cleo's room: 0 keys.");
  await terminal.shows("ada · manager · watching all rooms · ");
  const dora = await connect(server.url, { user: "dora", password: "right" });
  await terminal.shows("Watching dora's room: 0 keys.");
  await dora.put("a", "1");
  await terminal.shows('dora put a = "1"');
  dora.close();
  expect(notices(terminal).filter((line) => line.startsWith("Watching bob"))).toHaveLength(2);
});

test("100 pushes leave a sentence that is being typed as it is, and the screen readable", async () => {
  const terminal = await managersMenu();
  await watch(terminal, "bob", "Watching bob's room: 0 keys.");
  await watch(terminal, "cleo", "Watching cleo's room: 0 keys.");
  await askedForValue(terminal, "All that is typed");
  for (let i = 0; i < 60; i++) {
    if (i % 10 === 0) terminal.press(` ${i}`);
    await bob.put("count", String(i));
  }
  await Promise.all(Array.from({ length: 40 }, (_, i) => cleo.put(`k${i}`, "1")));
  const changes = () => notices(terminal).filter((line) => !line.startsWith("Watching"));
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
  await watch(terminal, "bob", "Watching bob's room: 0 keys.");
  await askedForValue(terminal, "half a");
  proxy.hold("answers");
  await bob.put("a", "1");
  proxy.cut();
  await bob.put("b", "2");
  await terminal.shows("Reconnecting…");
  terminal.press(" sentence");
  await terminal.shows("* Watching goes on.");
  await terminal.shows('bob put b = "2"\n? Value half a sentence');
  expect(notices(terminal).slice(1)).toEqual(['bob put a = "1"', 'bob put b = "2"']);
  await proxy.close();
});

test("a restart that forgot the keys is a gap, with all that differs", async () => {
  await bob.put("old", "1");
  const terminal = await managersMenu();
  await watch(terminal, "bob", "Watching bob's room: 1 key.");
  const { port } = hostAndPort(server.url);
  for (const store of [ada, bob, cleo]) store.close();
  await server.close();
  await terminal.shows("watching 1 room (waiting)");
  await serve(port);
  await terminal.shows("old is gone from bob's room");
  await bob.put("new", "2");
  await terminal.shows('bob put new = "2"');
  await terminal.shows("ada · manager · watching 1 room · ");
  expect(notices(terminal)).toEqual([
    "Watching bob's room: 1 key.",
    "Gap in bob's room: not every change is known. What differs:",
    "old is gone from bob's room",
    'bob put new = "2"',
  ]);
});

test("a demotion ends the watches of others' rooms and says so; a room that is not there is said, too", async () => {
  const terminal = await managersMenu();
  await watch(terminal, "nobody", "Not watching nobody's room any more. ");
  await watch(terminal, "ada", "Watching your room: 0 keys.");
  await watch(terminal, "bob", "Watching bob's room: 0 keys.");
  await ada.promote("bob");
  await bob.demote("ada");
  await terminal.shows("Not watching bob's room any more. You are no manager any more.");
  await terminal.shows("ada · guest · watching 1 room · ");
  await bob.put("secret", "1");
  await ada.put("a", "1");
  await terminal.shows('ada put a = "1"');
  expect(terminal.written).not.toContain("secret");
});
