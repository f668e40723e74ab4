/** News while the menu is open: in its feed, and counted until they are read. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, news, pick } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let server: RunningServer;
let ada: Store;
let bob: Store;
let terminal: VirtualTerminal;
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await bob.upgrade();
  ({ terminal } = await menuOf(ada, server.url, { rows: 40 }));
  await choose(terminal, "w", "watching 1 room · 1 unread");
});
afterEach(async () => {
  await closeMenus();
  for (const store of [ada, bob]) store.close();
  await server.close();
});

function feedOf(screen: string): string[] {
  return news(screen.slice(screen.indexOf("ada · guest")));
}

test("news stand between the header and the choices, the last six, and none above the menu", async () => {
  for (let i = 1; i <= 8; i++) await bob.room("ada").put("n", String(i));
  const screen = await terminal.shows('bob put your n = "8"');
  expect(feedOf(screen)).toEqual([3, 4, 5, 6, 7, 8].map((i) => `bob put your n = "${i}"`));
  expect(news(screen)).toHaveLength(6);
  await terminal.shows("watching 1 room · 9 unread");
});

test("what is typed to find a choice stays while news come", async () => {
  terminal.press("swi");
  await terminal.shows("What next? swi\n         ❯ s  switch server");
  await bob.room("ada").put("n", "1");
  expect(await terminal.shows('your n = "1"')).toContain("What next? swi\n         ❯ s  switch server");
});

test("reading the news shows all of them once and counts none as unread", async () => {
  for (let i = 1; i <= 8; i++) await bob.room("ada").put("n", String(i));
  await terminal.shows("9 unread");
  await choose(terminal, "n", 'your n = "2"');
  await terminal.fits((screen) => screen.includes("watching 1 room\n"));
  expect(news(terminal.screen)[0]).toBe("Watching your room: 0 keys.");
  expect(news(terminal.screen.slice(0, terminal.screen.indexOf("ada · guest")))).toHaveLength(9);
  await bob.room("ada").delete("n");
  await terminal.shows("watching 1 room · 1 unread");
});

test("the live view shows all there is, so that nothing is unread after it", async () => {
  await choose(terminal, "v", "Live · ");
  expect(terminal.screen).not.toContain("What next?");
  terminal.press("q");
  await terminal.shows("What next?");
  await terminal.fits((screen) => screen.includes("watching 1 room\n"));
});

test("news come above any other question, and are read then", async () => {
  await choose(terminal, "p", "Type a new key.");
  await bob.room("ada").put("n", "1");
  await terminal.shows('bob put your n = "1"\n? Put key\n');
  await pick(terminal, "city");
  await terminal.shows("? Value");
  await bob.room("ada").put("n", "2");
  await terminal.shows('bob put your n = "2"\n? Value');
  terminal.press(KEYS.escape);
  await terminal.shows("watching 1 room · 1 unread");
});

test("nothing happened yet is said where no room is watched", async () => {
  const other = await menuOf(bob, server.url);
  await choose(other.terminal, "n", "  Nothing has happened yet in the rooms you watch.");
});
