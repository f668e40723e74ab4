import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { closeMenus, hostAndPort, MemoryCredentials, openMenu, put, timeless } from "../support/menu.ts";
import { NOWHERE } from "../support/proxy.ts";
import { KEYS } from "../support/virtual-terminal.ts";

let server: RunningServer;
beforeEach(async () => {
  server = await startServer({ port: 0 });
});
afterEach(async () => {
  await closeMenus();
  await server.close();
});

/** What the menu of a guest looks like. */
function guestMenu(user: string): string {
  return `
${user} · guest · 127.0.0.1:45678 · ● live
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
people     t  watchers       who watches your room
           u  upgrade        become a manager
upkeep     k  locks          who locks what and who waits; take, release
           i  lifetime       have a key go by itself after a time
program    c  command        show the command for what was done last
           s  switch server  go to another server or sign in as somebody else
           lo log out        end this sign-in here and on the server
           q  quit           stay signed in on this computer
type to find • ↑↓ moves • ⏎ chooses`;
}

test("asks for server, port, name and a hidden password, then shows the menu", async () => {
  const { port } = hostAndPort(server.url);
  const { terminal, exit } = openMenu({});
  await terminal.is("? Server (127.0.0.1)");
  terminal.press(KEYS.enter);
  await terminal.is("✔ Server 127.0.0.1\n? Port (3000)");
  terminal.press(String(port), KEYS.enter);
  await terminal.shows("? Name (empty: anonymous guest)");
  terminal.press("ada", KEYS.enter);
  await terminal.shows("? Password of ada");
  terminal.press("lovelace");
  await terminal.is(`✔ Server 127.0.0.1
✔ Port ${port}
✔ Name (empty: anonymous guest) ada
? Password of ada ********
ctrl+t toggle visibility • esc back`);
  terminal.press(KEYS.enter);
  const menu = `✔ Server 127.0.0.1
✔ Port 45678
✔ Name (empty: anonymous guest) ada
✔ Password of ada ********
  Signed in as ada, a guest.
${guestMenu("ada")}`;
  await terminal.fits((screen) => timeless(screen) === menu);
  terminal.press("q", KEYS.enter);
  expect(await exit).toBe(0);
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.raw).toBe(false);
  expect(terminal.written).not.toContain("lovelace");
});

test("says what is wrong with a host, a port or a name before anything is sent", async () => {
  const { terminal } = openMenu({});
  await terminal.shows("? Server");
  terminal.press("a host", KEYS.enter);
  await terminal.shows("> Give a name or an address, like localhost or 192.0.2.7; the port comes next.");
  terminal.press("\x15", "127.0.0.1", KEYS.enter);
  await terminal.shows("? Port");
  terminal.press("70000", KEYS.enter);
  await terminal.shows("> A port is a number from 1 to 65535.");
  terminal.press("\x15", "1", KEYS.enter);
  await terminal.shows("? Name");
  terminal.press("two words", KEYS.enter);
  await terminal.shows("> A name has no spaces, control characters or invisible marks.");
});

test("explains a wrong password and asks again, until it is right", async () => {
  (await connect(server.url, { user: "ada", password: "right" })).close();
  const { terminal } = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await terminal.shows("? Password of ada");
  terminal.press("wrong", KEYS.enter);
  const sentence = "! Wrong password for ada.";
  await terminal.shows(sentence);
  await terminal.shows("\n? Password of ada");
  terminal.press("wrongagain", KEYS.enter);
  await terminal.shows("✔ Password of ada **********");
  await terminal.shows("\n? Password of ada");
  terminal.press("right", KEYS.enter);
  const screen = await terminal.shows("● live");
  expect(screen.split(sentence)).toHaveLength(3);
  expect(screen).toContain("✔ Password of ada *****\n  Signed in as ada, a guest.");
});

test("a password at hand is tried first, and once", async () => {
  (await connect(server.url, { user: "ada", password: "right" })).close();
  const good = openMenu({ ...hostAndPort(server.url), user: "ada", password: "right" });
  expect(await good.terminal.shows("● live")).not.toContain("Password of");
  const bad = openMenu({ ...hostAndPort(server.url), user: "ada", password: "wrong" });
  await bad.terminal.shows("! Wrong password for ada.");
  await bad.terminal.shows("? Password of ada");
  bad.terminal.press("right", KEYS.enter);
  await bad.terminal.shows("● live");
});

test("a name without a password is an anonymous guest, and the same one the next time", async () => {
  const first = openMenu(hostAndPort(server.url));
  await first.terminal.shows("? Name (empty: anonymous guest)");
  first.terminal.press(KEYS.enter);
  const [, name] = /Signed in as (guest-[0-9a-f]+), a guest\./.exec(await first.terminal.shows("● live")) ?? [];
  await put(first.terminal, "city", "Kolkata");
  await first.terminal.shows("Created city, revision 1.");
  await first.terminal.shows("What next?");
  first.terminal.press("q", KEYS.enter);
  await first.exit;

  const { terminal } = openMenu({ ...hostAndPort(server.url), credentials: first.credentials });
  await terminal.shows("? Name");
  terminal.press(KEYS.enter);
  await terminal.shows(`Signed in as ${name}, a guest.`);
});

test("a kept sign-in needs no password; a refused one says so and asks for it", async () => {
  const credentials = new MemoryCredentials();
  const store = await connect(server.url, { user: "ada", password: "right" });
  await credentials.save(server.url, "ada", store.session.token);
  store.close();
  const options = { ...hostAndPort(server.url), user: "ada", credentials };
  const { terminal } = openMenu(options);
  await terminal.shows("Signed in as ada, a guest.\n");
  terminal.press("q", KEYS.enter);

  await credentials.save(server.url, "ada", "worthless");
  const again = openMenu(options);
  await again.terminal.is(`  The sign-in kept on this computer for ada is no longer good.
? Password of ada
ctrl+t toggle visibility • esc back`);
  again.terminal.press("right", KEYS.enter);
  await again.terminal.shows("Signed in as ada");
  expect(await credentials.find(server.url, "ada")).not.toBe("worthless");
});

test("a name held by somebody else is explained and another one asked for", async () => {
  await server.close();
  server = await startServer({ port: 0, accounts: "name" });
  const holder = await connect(server.url, { user: "ada" });
  const { terminal } = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await terminal.is("! The name ada is taken. Choose another.\n? Name (*: anonymous guest) (ada)");
  terminal.press("grace", KEYS.enter);
  await terminal.shows("Signed in as grace, a guest.");
  holder.close();
});

test("an unreachable server is told of, and asked for again with the earlier answers", async () => {
  const gone = hostAndPort(NOWHERE);
  const { terminal } = openMenu({ ...gone, user: "ada" });
  await terminal.is(`! Cannot reach ${NOWHERE}: connection refused. Is the server running?
? Server (127.0.0.1)`);
  terminal.press(KEYS.enter);
  await terminal.shows(`? Port (${gone.port})`);
  terminal.press(String(hostAndPort(server.url).port), KEYS.enter);
  await terminal.shows("? Password of ada");
});

test("Esc goes back from password to name to server", async () => {
  const { terminal } = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await terminal.shows("? Password of ada");
  terminal.press(KEYS.escape);
  await terminal.is("? Name (*: anonymous guest) (ada)");
  terminal.press(KEYS.escape);
  await terminal.is("? Server (127.0.0.1)");
});

test("logging out makes the token worthless and asks who is next", async () => {
  const { terminal, credentials } = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await terminal.shows("? Password of ada");
  terminal.press("right", KEYS.enter);
  await terminal.shows("● live");
  const token = (await credentials.find(server.url, "ada")) ?? "";
  terminal.press("lo", KEYS.enter);
  await terminal.shows("? Name (*: anonymous guest) (ada)");
  expect(credentials.tokens.size).toBe(0);
  await expect(connect(server.url, { user: "ada", token })).rejects.toMatchObject({ code: "unauthenticated" });
});
