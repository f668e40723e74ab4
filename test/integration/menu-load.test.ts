/** A file's text as a value. */
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, menuOf, pick } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let home: Home;
let server: RunningServer;
let ada: Store;
let terminal: VirtualTerminal;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
  ({ terminal } = await menuOf(ada, server.url, { columns: 200 }));
  await choose(terminal, "l", "? Put a file's text into key");
  await pick(terminal, "capital");
  await terminal.shows("? File");
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await server.close();
  await home.remove();
});

test("the file's text becomes the value as it is", async () => {
  const text = "New Delhi\n\tपिन 110001 🏛️\n";
  await writeFile(home.path("capital.txt"), text);
  terminal.press(home.path("capital.txt"), KEYS.enter);
  await terminal.shows("  Created capital, revision 1.");
  expect(await ada.get("capital")).toMatchObject({ value: text });
});

test("a file that is not there, a folder and bytes that are no text are each told of, and another one asked for", async () => {
  await writeFile(home.path("bytes"), Buffer.from([0xff, 0xfe, 0x00]));
  for (const name of ["no-such-file", "", "bytes"]) {
    terminal.press(home.path(name), KEYS.enter);
    await terminal.fits((screen) => screen.includes(`✔ File ${home.path(name)}\n! `));
    await terminal.shows(`? File (${home.path(name)})`);
  }
  terminal.press(KEYS.escape);
  await terminal.shows("What next?");
  expect(await ada.get("capital")).toBeNull();
});

test("no name, and the standard input, are refused before anything is read", async () => {
  terminal.press(KEYS.enter);
  await terminal.shows("> Give the path of a file.");
  terminal.press("-", KEYS.enter);
  await terminal.shows("? File -\n> Give the path of a file.");
});
