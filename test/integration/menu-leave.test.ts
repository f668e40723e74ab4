/** From one server, or one user, to another. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, hostAndPort, menuOf, type OpenMenu } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let server: RunningServer;
let other: RunningServer;
let ada: Store;
let menu: OpenMenu;
let terminal: VirtualTerminal;
beforeEach(async () => {
  server = await startServer({ port: 0 });
  other = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
  menu = await menuOf(ada, server.url);
  ({ terminal } = menu);
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await server.close();
  await other.close();
});

test("switching the server asks where and who, with the earlier answers, and keeps the old sign-in", async () => {
  await choose(terminal, "s", "? Server (127.0.0.1)");
  terminal.press(KEYS.enter);
  await terminal.shows(`? Port (${hostAndPort(server.url).port})`);
  terminal.press(String(hostAndPort(other.url).port), KEYS.enter);
  await terminal.shows("? Name (*: anonymous guest) (ada)");
  terminal.press(KEYS.enter);
  await terminal.shows("? Password of ada");
  terminal.press("right", KEYS.enter);
  await terminal.shows(`ada · guest · ${new URL(other.url).host}`);
  expect(await menu.credentials.find(server.url, "ada")).not.toBeUndefined();
  expect(await menu.credentials.find(other.url, "ada")).not.toBeUndefined();
  await choose(terminal, "s", "\n? Server (127.0.0.1)");
  terminal.press(KEYS.enter);
  await terminal.shows(`? Port (${hostAndPort(other.url).port})`);
  terminal.press(String(hostAndPort(server.url).port), KEYS.enter);
  await terminal.shows("\n? Name (*: anonymous guest) (ada)");
  terminal.press(KEYS.enter);
  await terminal.shows(`ada · guest · ${new URL(server.url).host}`);
});

test("what was watched is watched no more elsewhere, and its news are not carried there", async () => {
  await choose(terminal, "w", "watching 1 room · 1 unread");
  await choose(terminal, "s", "? Server");
  terminal.press(KEYS.enter);
  await terminal.shows("? Port");
  terminal.press(KEYS.enter);
  await terminal.shows("? Name");
  terminal.press("eve", KEYS.enter);
  await terminal.shows("? Password of eve");
  terminal.press("right", KEYS.enter);
  const screen = await terminal.shows("eve · guest");
  expect(screen).not.toMatch(/watching|unread/);
});

test("quitting without a queued write asks nothing", async () => {
  await choose(terminal, "q", "Signed in");
  expect(await menu.exit).toBe(0);
  expect(terminal.written).not.toContain("(y/N)");
});

test("who has had a name can go on as an anonymous guest", async () => {
  await choose(terminal, "s", "? Server");
  terminal.press(KEYS.enter);
  await terminal.shows("? Port");
  terminal.press(KEYS.enter);
  await terminal.shows("? Name (*: anonymous guest) (ada)");
  terminal.press("*", KEYS.enter);
  await terminal.fits((screen) => /Signed in as (?!ada)\S+, a guest\./.test(screen));
  expect(await menu.credentials.find(server.url, null)).not.toBeUndefined();
});
