/** Every screen of the menu, as its user sees it: the pictures are in __snapshots__, to be looked through. */
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, connectSteadily, hostAndPort, menuOf, openMenu, pick, picture } from "../support/menu.ts";
import { FaultProxy, NOWHERE } from "../support/proxy.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { enter } = KEYS;
const PASSPHRASE = "open sesame";
let server: RunningServer;
let home: Home;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, managerPassphrase: PASSPHRASE, accountsFile: home.path("accounts") });
});
afterEach(async () => {
  await closeMenus();
  for (const close of closers.splice(0).reverse()) await close();
  await server.close();
  await home.remove();
});

async function join(user: string): Promise<Store> {
  const store = await connect(server.url, { user, password: "right" });
  closers.push(() => store.close());
  return store;
}

async function manager(user: string): Promise<Store> {
  const store = await join(user);
  await store.upgrade(PASSPHRASE);
  return store;
}

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 20 },
] as const;

describe.each(SIZES)("$columns x $rows", (size) => {
  const steady = { ...size, connect: connectSteadily };

  /** Holds the screen to its picture, once all of it is there. */
  async function see(terminal: VirtualTerminal, name: string, ...parts: readonly string[]): Promise<void> {
    const screen = await terminal.fits((screen) => parts.every((part) => screen.includes(part)));
    expect(`\n${picture(screen)}\n`).toMatchSnapshot(name);
  }

  /** The same with the menu open and the round trip measured. */
  function seeMenu(terminal: VirtualTerminal, name: string, ...parts: readonly string[]): Promise<void> {
    return see(terminal, name, "? What next?", "3 ms", ...parts);
  }

  test("signing in", async () => {
    (await join("ada")).close();
    const { port } = hostAndPort(server.url);
    const { terminal } = openMenu(steady);
    await see(terminal, "01 which server", "? Server");
    terminal.press("two words", enter);
    await see(terminal, "02 no server's name", "> ");
    terminal.press("\x15", "127.0.0.1", enter);
    await see(terminal, "03 which port", "? Port");
    terminal.press("1", enter);
    await see(terminal, "04 which name", "? Name");
    terminal.press("two words", enter);
    await see(terminal, "05 no name", "> A name");
    terminal.press("\x15", "ada", enter);
    await see(terminal, "06 nobody there", "! Cannot", "\n? Server");
    terminal.press(enter);
    await terminal.shows("? Port (1)");
    terminal.press(String(port), enter);
    await see(terminal, "07 the password", "? Password");
    terminal.press("wrong", enter);
    await terminal.shows("! Wrong");
    await terminal.shows("\n? Password");
    terminal.press("right");
    await see(terminal, "08 once more after a wrong one", "*****\nctrl");
    terminal.press(enter);
    await seeMenu(terminal, "09 signed in");
  });

  test("a guest's keys", async () => {
    const ada = await join("ada");
    const { terminal } = await menuOf(ada, server.url, steady);
    await seeMenu(terminal, "01 the menu");
    terminal.press("ed");
    await see(terminal, "02 typed to find", "What next? ed");
    terminal.press("xyz");
    await see(terminal, "03 nothing is called so", "Nothing is called");
    terminal.press(KEYS.escape);
    await terminal.shows("❯ g");
    await choose(terminal, "g", "? Get key");
    await see(terminal, "04 get where there is nothing", "There is no key yet.");
    terminal.press(KEYS.escape);
    await choose(terminal, "p", "? Put key");
    await see(terminal, "05 put, which key", "Type a new key.");
    terminal.press("city");
    await see(terminal, "06 put, a new key", "❯ city");
    terminal.press(enter);
    await terminal.shows("? Value");
    terminal.press("Kolkata, earlier known as Calcutta");
    await see(terminal, "07 put, the value", "? Value", "earlier known");
    terminal.press(enter);
    await seeMenu(terminal, "08 put, done", "Created city");
    await ada.put("country", "India");
    await ada.put("rivers", "Ganges\nBrahmaputra\nYamuna 🌊");
    await choose(terminal, "g", "❯ city");
    terminal.press("ri");
    await see(terminal, "09 get, suggestions", "❯ rivers");
    terminal.press(enter);
    await seeMenu(terminal, "10 get, done", "Yamuna");
    await choose(terminal, "d", "❯ city");
    terminal.press(enter);
    await see(terminal, "11 delete, sure?", "(y/N)");
    terminal.press(enter);
    await seeMenu(terminal, "12 delete, kept", "Kept it.");
    await choose(terminal, "l", "? Put a file's text into");
    await pick(terminal, "country");
    await terminal.shows("? File");
    await writeFile(home.path("capital"), "New Delhi\n");
    terminal.press("no-such-file", enter);
    await see(terminal, "13 load, no such file", "! ", "? File (no-such-file)");
    terminal.press(KEYS.escape);
    await choose(terminal, "c", "keyroom --user");
    await seeMenu(terminal, "14 the command for it", "keyroom --user");
  });

  test("browsing", async () => {
    const ada = await join("ada");
    for (const name of ["Calcutta", "Kalikata", "Kolkata"]) await ada.put("city", name);
    await ada.put("country", "India");
    const { terminal } = await menuOf(ada, server.url, steady);
    await choose(terminal, "b", "❯ city");
    await see(terminal, "01 which key", "Kolkata");
    terminal.press(enter);
    await see(terminal, "02 an entry", "❯ another key");
    terminal.press("hi");
    await see(terminal, "03 what about it", "❯ history");
    terminal.press(enter);
    await see(terminal, "04 its history", "The server's log", "❯ another key");
    await pick(terminal, "revision 2", "revision 2, ada: Kalikata");
    await see(terminal, "05 as it was", "❯ another change");
    await pick(terminal, "take", "take it back");
    await see(terminal, "06 before it", "(y/N)");
    terminal.press("y", enter);
    await see(terminal, "07 too late", "! What was changed", "❯ revision 2");
    for (const question of ["? Browse key", "? What next?"]) {
      terminal.press(KEYS.escape);
      await terminal.shows(question);
    }
    await choose(terminal, "i", "❯ city");
    terminal.press(enter);
    await see(terminal, "08 a lifetime", "❯ never");
    await pick(terminal, "1 day");
    await seeMenu(terminal, "09 given", "city goes at");
  });

  test("locks", async () => {
    const ada = await join("ada");
    const bob = await manager("bob");
    await bob.room("ada").lock(["city", "country"]);
    void bob.room("ada").lock(["rivers"], { mode: "shared" });
    const { terminal } = await menuOf(ada, server.url, steady);
    await choose(terminal, "k", "? Locks");
    await see(terminal, "01 who holds what", "rivers: shared", "❯ take");
    await pick(terminal, "take");
    await terminal.shows("? Lock key");
    await pick(terminal, "mood");
    await see(terminal, "02 how", "❯ exclusive");
    terminal.press(enter);
    await see(terminal, "03 taken", "Locked mood", "mood: exclusive", "❯ take");
    await pick(terminal, "take");
    await terminal.shows("? Lock key");
    await pick(terminal, "city");
    await terminal.shows("? Lock city how");
    terminal.press(enter);
    await see(terminal, "04 in the way", "bob comes first", "(y/N)");
    terminal.press("y", enter);
    await terminal.shows("Waiting for city…");
    await terminal.shows("In line behind bob.");
    terminal.press(KEYS.escape);
    await see(terminal, "05 given up", "Gave up the wait.", "❯ take");
    terminal.press(KEYS.escape);
    await seeMenu(terminal, "06 in the header", "1 lock");
    await choose(terminal, "q", "Gave up your lock.");
    await see(terminal, "07 quitting");
  });

  test("watching as a guest", async () => {
    const ada = await join("ada");
    const bob = await manager("bob");
    const { terminal } = await menuOf(ada, server.url, steady);
    await choose(terminal, "w", "watching 1 room");
    await seeMenu(terminal, "01 watching the own room", "Watching your room: 0 keys.");
    await bob.room("ada").put("greeting", "Hello, Ada 👋");
    await seeMenu(terminal, "02 news", "Hell", "2 unread");
    bob.room("ada").watch();
    await seeMenu(terminal, "03 watched", "1 watches you");
    await choose(terminal, "t", "bob  since");
    await seeMenu(terminal, "04 who watches", "bob  since");
    await choose(terminal, "n", "Hell");
    await terminal.fits((screen) => !screen.includes("unread"));
    await seeMenu(terminal, "05 the news, read", "Hell");
    await choose(terminal, "p", "? Put key");
    await bob.room("ada").put("greeting", "Still there?");
    await see(terminal, "06 news above a question", "Stil", "❯ greeting");
  });

  test("a manager", async () => {
    const ada = await join("ada");
    const bob = await join("bob");
    const cleo = await join("cleo");
    await bob.put("city", "Lisbon");
    const { terminal } = await menuOf(ada, server.url, steady);
    await choose(terminal, "u", "? Manager passphrase");
    terminal.press("sesame", enter);
    await seeMenu(terminal, "01 a wrong passphrase", "! That is not");
    await choose(terminal, "u", "\n? Manager passphrase");
    terminal.press(PASSPHRASE, enter);
    await seeMenu(terminal, "02 a manager now", "You are a manager now.", "r  room");
    await choose(terminal, "h", "online, 0 away");
    await seeMenu(terminal, "03 who is there", "cleo  0 keys, online");
    await choose(terminal, "w", "? Watch whose room");
    await see(terminal, "04 which rooms", "cleo");
    terminal.press("bob");
    await terminal.shows("❯ [ ] bob's room");
    terminal.press(enter);
    await see(terminal, "05 one of them watched", "Watching bob's room: 1 key.", "❯ [x] bob's room");
    terminal.press("cleo");
    await terminal.shows("❯ [ ] cleo's room");
    terminal.press(enter);
    await terminal.shows("Watching cleo's room: 0 keys.");
    await terminal.shows("❯ [x] cleo's room");
    terminal.press(KEYS.escape);
    await terminal.shows("watching 2 rooms");
    for (const city of ["Porto", "Faro"]) await bob.put("city", city);
    await cleo.put("mood", "fine");
    await seeMenu(terminal, "06 news of two rooms", '"fine"', '"Faro"', "3 unread");
    await choose(terminal, "r", "? Whose room");
    await see(terminal, "07 whose room", "❯ bob");
    await pick(terminal, "bob");
    await seeMenu(terminal, "08 in bob's room", "in bob's room");
    await choose(terminal, "g", "? Get bob's key");
    await see(terminal, "09 bob's keys", "❯ city");
    terminal.press(KEYS.escape);
    await choose(terminal, "o", "Back in your own room.");
    await seeMenu(terminal, "10 back", "Back in your own room.");
    await choose(terminal, "m", "? Promote whom");
    await see(terminal, "11 promote whom", "❯ bob");
    terminal.press(enter);
    await seeMenu(terminal, "12 promoted", "bob is a manager now.");
  });

  test("leaving", async () => {
    const ada = await join("ada");
    const { terminal, exit } = await menuOf(ada, server.url, steady);
    await choose(terminal, "s", "? Server");
    await see(terminal, "01 switching the server", "? Server");
    terminal.press(enter);
    await terminal.shows("? Port");
    terminal.press(enter);
    await terminal.shows("? Name");
    await see(terminal, "02 and the name", "? Name");
    terminal.press(enter);
    await seeMenu(terminal, "03 signed in again");
    await choose(terminal, "lo", "? Name");
    await see(terminal, "04 logged out", "? Name");
    terminal.press("ada", enter);
    await terminal.shows("? Password");
    terminal.press("right", enter);
    await terminal.shows("? What next?");
    terminal.press("q", enter);
    expect(await exit).toBe(0);
    await see(terminal, "05 after quitting");
  });

  test("a cut and its end", async () => {
    const proxy = await FaultProxy.open(server.url);
    closers.push(() => proxy.close());
    const ada = await manager("ada");
    const bob = await join("bob");
    const { terminal } = await menuOf(ada, proxy.url, steady);
    await choose(terminal, "w", "? Watch whose room");
    terminal.press("bob");
    await terminal.shows("❯ [ ] bob's room");
    terminal.press(enter);
    await terminal.shows("Watching bob's room");
    terminal.press(KEYS.escape);
    await terminal.shows("watching 1 room");
    await choose(terminal, "p", "? Put key");
    await pick(terminal, "note");
    await terminal.shows("? Value");
    proxy.leadTo(NOWHERE);
    proxy.cut();
    await bob.put("city", "Porto");
    await terminal.shows("Reconnecting…");
    terminal.press("written while away");
    await see(terminal, "01 typing on", "written while away");
    terminal.press(enter);
    await see(terminal, "02 a queued write", "Queued: put note", "1 queued", "reconnecting in");
    await choose(terminal, "q", "(y/N)");
    await see(terminal, "03 quitting with it", "(y/N)");
    terminal.press(enter);
    await see(terminal, "04 stayed", "Stayed.", "reconnecting in");
    proxy.leadTo(server.url);
    await seeMenu(terminal, "05 resumed and committed", "resumed, 1 replayed", "Committed: put note", "Porto");
  });

  test("a restart that forgot the keys", async () => {
    const ada = await join("ada");
    await ada.put("city", "Kolkata");
    const { terminal } = await menuOf(ada, server.url, steady);
    await choose(terminal, "w", "watching 1 room");
    await terminal.shows("1 key.");
    const { port } = hostAndPort(server.url);
    await server.close();
    server = await startServer({ port, managerPassphrase: PASSPHRASE, accountsFile: home.path("accounts") });
    await seeMenu(terminal, "01 a gap", "gap, reloaded", "is gone");
  });
});
