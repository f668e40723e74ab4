/** What others write is data: shown wherever the menu shows it, and obeyed nowhere. */
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, menuOf, pick } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const EVIL = "\x1b]0;owned\x07\x1b[2Jx\u202egnp.exe\r\x9b31m";
const KEY = `k${EVIL}`;
const SHOWN = "\\x1b]0;owned\\x07\\x1b[2Jx\\u{202e}gnp.exe\\r\\x9b31m";
const AS_JSON = "\\u001b]0;owned\\u0007\\u001b[2Jx\\u202egnp.exe\\r\\u009b31m";
let home: Home;
let server: RunningServer;
let ada: Store;
let bob: Store;
let terminal: VirtualTerminal;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await bob.upgrade();
  await bob.room("ada").put(KEY, EVIL);
  ({ terminal } = await menuOf(ada, server.url, { columns: 160, rows: 40 }));
});
afterEach(async () => {
  // Whatever a test did, none of it went to the terminal as it is.
  for (const danger of ["\x1b]", "\x1b[2Jx", "\x07", "\u202e", "\x9b"]) expect(terminal.written).not.toContain(danger);
  await closeMenus();
  ada.close();
  bob.close();
  await server.close();
  await home.remove();
});

test("in the feed, in the news and above a question", async () => {
  await choose(terminal, "w", "watching 1 room");
  await bob.room("ada").put(KEY, EVIL);
  const news = `bob put your k${SHOWN} = "${AS_JSON}"`;
  await terminal.shows(news);
  await choose(terminal, "n", news);
  await choose(terminal, "u", "? Manager passphrase");
  await bob.room("ada").delete(KEY);
  await terminal.shows(`bob deleted your k${SHOWN}`);
});

test("in the live view", async () => {
  await choose(terminal, "v", "Live · ");
  await bob.room("ada").put(KEY, EVIL);
  await terminal.shows("gnp.exe");
  terminal.press("q");
  await terminal.shows("What next?");
});

test("in browsing, an entry and its history", async () => {
  await choose(terminal, "b", `❯ k${SHOWN}`);
  terminal.press(KEYS.enter);
  await terminal.shows(`  │ ${SHOWN}\n`);
  await terminal.shows("? What about k\\x1b]0;owned");
  await pick(terminal, "hist", "history");
  await terminal.shows(`  bob  ${SHOWN}\n`);
  await pick(terminal, "revision", `revision 1, bob: ${SHOWN}`);
  await terminal.shows(`? What about revision 1\n`);
  await pick(terminal, "take", "take it back");
  await terminal.shows("Before revision 1 there was no k\\x1b]0;owned");
  for (const question of ["? Which change", "? Browse key", "? What next?"]) {
    terminal.press(KEYS.escape);
    await terminal.shows(question);
  }
});

test("in the questions and answers of put, delete, edit and load", async () => {
  await writeFile(home.path("file"), EVIL);
  await choose(terminal, "l", `❯ k${SHOWN}`);
  terminal.press(KEYS.enter);
  await terminal.shows("? File");
  terminal.press(home.path("file"), KEYS.enter);
  await terminal.shows("Changed k\\x1b]0;owned");
  process.env["EDITOR"] = "true";
  await choose(terminal, "e", `❯ k${SHOWN}`);
  terminal.press(KEYS.enter);
  await terminal.shows("Nothing was changed.");
  await choose(terminal, "d", `❯ k${SHOWN}`);
  terminal.press(KEYS.enter);
  await terminal.shows("? Delete k\\x1b]0;owned");
  terminal.press("y", KEYS.enter);
  await terminal.shows("Deleted k\\x1b]0;owned");
});

test("in the command for what was done", async () => {
  await choose(terminal, "g", `❯ k${SHOWN}`);
  terminal.press(KEYS.enter);
  await terminal.shows(`  │ ${SHOWN}\n`);
  await choose(terminal, "c", "keyroom --user ada ");
});
