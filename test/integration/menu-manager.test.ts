import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { closeMenus, hostAndPort, MemoryCredentials, type OpenMenu, openMenu } from "../support/menu.ts";
import { KEYS } from "../support/virtual-terminal.ts";

const PASSPHRASE = "open sesame";
let server: RunningServer;
let ada: Store;
let bob: Store;
beforeEach(async () => {
  server = await startServer({ port: 0, managerPassphrase: PASSPHRASE });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  bob.close();
  await server.close();
});

async function menuOf(store: Store): Promise<OpenMenu> {
  const { user, token } = store.session;
  const credentials = new MemoryCredentials();
  await credentials.save(server.url, user, token);
  const menu = openMenu({ ...hostAndPort(server.url), user, credentials });
  await menu.terminal.shows("chooses");
  return menu;
}

test("upgrade: a wrong passphrase is refused in words, the right one brings the manager's choices", async () => {
  const { terminal } = await menuOf(ada);
  expect(terminal.screen).not.toMatch(/room|promote|demote/);
  terminal.press("u", KEYS.enter);
  await terminal.shows("? Manager passphrase");
  terminal.press("sesame", KEYS.enter);
  await terminal.shows(`✔ Manager passphrase ******
! That is not the manager passphrase. Ask whoever started the server.

ada · guest`);
  terminal.press("u", KEYS.enter);
  await terminal.shows("\n? Manager passphrase");
  terminal.press(PASSPHRASE, KEYS.enter);
  const screen = await terminal.shows(`✔ Manager passphrase ***********
* You are a manager now.

ada · manager · ${new URL(server.url).host} · ● connected
? What next?
❯ get      read a key
  put      set a key
  delete   remove a key
  list     show keys and values
  watch    be told of changes as they happen
  room     work in another user's room
  promote  make a guest a manager
  demote   make a manager a guest
  log out  end this sign-in here and on the server
  quit     stay signed in on this computer
↑↓ or a letter moves • ⏎ chooses`);
  expect(screen.match(/You are a manager now/g)).toHaveLength(1);
  expect(screen).not.toContain("sesame");
});

test("a manager works in another user's room until he goes back", async () => {
  await bob.put("city", "Paris");
  await ada.put("city", "Kolkata");
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  terminal.press("r", KEYS.enter);
  await terminal.shows("? Whose room\n❯ bob\n\n1 key, online\n");
  terminal.press("B");
  await terminal.shows("? Whose room B\n❯ bob\n");
  terminal.press(KEYS.enter);
  await terminal.shows("ada · manager · in bob's room · ");
  terminal.press("g", KEYS.enter);
  await terminal.shows("? Get bob's key\n❯ city\n\nParis\n");
  terminal.press(KEYS.enter);
  await terminal.shows("  │ Paris\n  revision 1, ");
  await terminal.shows("chooses");
  terminal.press("p", KEYS.enter);
  await terminal.shows("? Put bob's key\n❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press("Lyon", KEYS.enter);
  await terminal.shows("Changed city, revision 2.");
  expect(await bob.get("city")).toMatchObject({ value: "Lyon", updatedBy: "ada" });
  await terminal.shows("chooses");
  terminal.press("b", KEYS.enter);
  await terminal.shows("Back in your own room.\n\nada · manager · 127.0.0.1");
  terminal.press("l", KEYS.enter);
  await terminal.shows("  Your keys:\n  city  Kolkata\n");
});

test("Esc at the menu leads back to one's own room", async () => {
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  terminal.press("r", KEYS.enter);
  await terminal.shows("❯ bob");
  terminal.press(KEYS.enter);
  await terminal.shows("in bob's room");
  terminal.press(KEYS.escape);
  await terminal.shows("Back in your own room.\n\nada · manager · 127.0.0.1");
});

test("a room that is not there is told of at once", async () => {
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  terminal.press("r", KEYS.enter);
  await terminal.shows("❯ bob");
  terminal.press("nobody");
  await terminal.shows("❯ nobody\n\nexactly this name");
  terminal.press(KEYS.enter);
  await terminal.shows("✔ Whose room nobody\n! ");
  await terminal.shows("\nada · manager · 127.0.0.1");
});

test("promotes and demotes another user, who is told above whatever he is doing", async () => {
  await ada.upgrade(PASSPHRASE);
  const manager = await menuOf(ada);
  const guest = await menuOf(bob);
  guest.terminal.press("p", KEYS.enter);
  await guest.terminal.shows("Type a new key.");
  guest.terminal.press("ci");
  await guest.terminal.shows("❯ ci");

  manager.terminal.press("p", "p", KEYS.enter);
  await manager.terminal.shows("? Promote whom\n❯ bob");
  manager.terminal.press(KEYS.enter);
  await manager.terminal.shows("✔ Promote whom bob\n  bob is a manager now.");
  await guest.terminal.is(`  Signed in as bob, a guest.

* You are a manager now.
? Put key ci
❯ ci

a new key
↑↓ navigate • ⏎ select • esc back`);
  guest.terminal.press("ty");
  await guest.terminal.shows("? Put key city\n❯ city\n");
  guest.terminal.press(KEYS.escape);
  await guest.terminal.shows("bob · manager");

  guest.terminal.press("r", KEYS.enter);
  await guest.terminal.shows("❯ ada");
  guest.terminal.press(KEYS.enter);
  await guest.terminal.shows("in ada's room");
  await manager.terminal.shows("chooses");
  manager.terminal.press("d", "d", KEYS.enter);
  await manager.terminal.shows("? Demote whom\n❯ bob");
  manager.terminal.press(KEYS.enter);
  await manager.terminal.shows("  bob is a guest now.");
  await guest.terminal.shows("* You are a guest now. You are back in your own room.\n\nbob · guest · 127.0.0.1");
  expect(guest.terminal.screen).toContain("upgrade  become a manager");
  expect(guest.terminal.screen).not.toContain("promote");
});

test("the last manager cannot be demoted, and the menu says why", async () => {
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  terminal.press("d", "d", KEYS.enter);
  await terminal.shows("❯ bob");
  terminal.press("ada");
  await terminal.shows("❯ ada");
  terminal.press(KEYS.enter);
  await terminal.shows("! ada is the last manager. Promote somebody else first.");
});

test("the mark stays on its choice while others come and go", async () => {
  const { terminal } = await menuOf(bob);
  terminal.press("q");
  await terminal.shows("❯ quit");
  await bob.upgrade(PASSPHRASE);
  const screen = await terminal.shows("promote");
  expect(screen).toContain("❯ quit");
});
