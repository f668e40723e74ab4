import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, type OpenMenu, menuOf as openMenuOf, timeless } from "../support/menu.ts";
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

/** High enough for all choices. */
function menuOf(store: Store): Promise<OpenMenu> {
  return openMenuOf(store, server.url, { rows: 40 });
}

test("upgrade: a wrong passphrase is refused in words, the right one brings the manager's choices", async () => {
  const { terminal } = await menuOf(ada);
  expect(terminal.screen).not.toMatch(/another user|who is there|promote|demote/);
  terminal.press("u", KEYS.enter);
  await terminal.shows("? Manager passphrase");
  terminal.press("sesame", KEYS.enter);
  await terminal.shows(`✔ Manager passphrase (empty where none is needed) ******
! That is not the manager passphrase. Ask whoever started the server.

ada · guest`);
  terminal.press("u", KEYS.enter);
  await terminal.shows("\n? Manager passphrase");
  terminal.press(PASSPHRASE, KEYS.enter);
  const screen = await terminal.fits((screen) =>
    timeless(screen).endsWith(`✔ Manager passphrase (empty where none is needed) ***********
* You are a manager now.

ada · manager · 127.0.0.1:45678 · ● live
? What next?
keys     ❯ g  get            read a key
           p  put            set a key to one line
           b  browse         look through keys, values and their history
           e  edit           set a key in your editor
           l  load           set a key to a file's text
           d  delete         remove a key
rooms      w  watch          be told of changes, or no more
           v  live view      a screen of changes as they happen
           n  news           read the last changes
           r  room           work in another user's room
people     h  who is there   users, online and away
           t  watchers       who watches your room
           m  promote        make a guest a manager
           x  demote         make a manager a guest
upkeep     k  locks          who locks what and who waits; take, release
           i  lifetime       have a key go by itself after a time
program    c  command        show the command for what was done last
           s  switch server  go to another server or sign in as somebody else
           lo log out        end this sign-in here and on the server
           q  quit           stay signed in on this computer
type to find • ↑↓ moves • ⏎ chooses`),
  );
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
  terminal.press("o", KEYS.enter);
  await terminal.shows("Back in your own room.\n\nada · manager · 127.0.0.1");
  terminal.press("g", KEYS.enter);
  await terminal.shows("? Get key\n❯ city\n\nKolkata\n");
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

test("nobody stays in a room that is deleted", async () => {
  await ada.upgrade(PASSPHRASE);
  await bob.put("city", "Paris");
  const { terminal } = await menuOf(ada);
  terminal.press("r", KEYS.enter);
  await terminal.shows("❯ bob");
  terminal.press(KEYS.enter);
  await terminal.shows("in bob's room");
  await server.deleteUser("bob");
  terminal.press("p", KEYS.enter);
  await terminal.shows("? Put bob's key\n ! There is no user called bob");
  terminal.press(KEYS.escape);
  await terminal.fits((screen) =>
    /! There is no user called bob.*\n {2}You are back in your own room\.\n\nada · manager · 127/s.test(screen),
  );
});

test("promotes and demotes another user, who is told above whatever he is doing", async () => {
  await ada.upgrade(PASSPHRASE);
  const manager = await menuOf(ada);
  const guest = await menuOf(bob);
  guest.terminal.press("p", KEYS.enter);
  await guest.terminal.shows("Type a new key.");
  guest.terminal.press("ci");
  await guest.terminal.shows("❯ ci");

  manager.terminal.press("m", KEYS.enter);
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
  manager.terminal.press("x", KEYS.enter);
  await manager.terminal.shows("? Demote whom\n❯ bob");
  manager.terminal.press(KEYS.enter);
  await manager.terminal.shows("  bob is a guest now.");
  await guest.terminal.shows("* You are a guest now. You are back in your own room.\n\nbob · guest · 127.0.0.1");
  expect(guest.terminal.screen).toContain("upgrade        become a manager");
  expect(guest.terminal.screen).not.toContain("promote");
});

test("who is demoted while he deletes another user's key does not delete his own of that name", async () => {
  await ada.put("city", "Kolkata");
  await bob.put("city", "Paris");
  await ada.upgrade(PASSPHRASE);
  await bob.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  await choose(terminal, "r", "❯ bob");
  terminal.press(KEYS.enter);
  await terminal.shows("in bob's room");
  await choose(terminal, "d", "? Delete bob's key\n❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("? Delete city for good?");
  await bob.demote("ada");
  await terminal.shows("* You are a guest now. You are back in your own room.\n? Delete city for good?");
  terminal.press("y", KEYS.enter);
  await terminal.shows("Delete city for good? Yes\n! ");
  expect(await ada.get("city")).toMatchObject({ value: "Kolkata" });
  expect(await bob.get("city")).toMatchObject({ value: "Paris" });
});

test("the last manager cannot be demoted, and the menu says why", async () => {
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await menuOf(ada);
  terminal.press("x", KEYS.enter);
  // Bob is a guest already.
  await terminal.shows("There is nobody else for this.");
  terminal.press("ada");
  await terminal.shows("❯ ada");
  terminal.press(KEYS.enter);
  await terminal.shows("! ada is the last manager. Promote somebody else first.");
});

test("the mark stays on its choice while others come and go", async () => {
  const { terminal } = await menuOf(bob);
  terminal.press(KEYS.up);
  await terminal.shows("❯ q  quit");
  await bob.upgrade(PASSPHRASE);
  expect(await terminal.shows("promote")).toContain("❯ q  quit");
});
