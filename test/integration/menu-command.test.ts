/** The command for what was done last, run in a shell: it does the same. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, menuOf, pick, put } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
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
  await ada.upgrade();
  ({ terminal } = await menuOf(ada, server.url, { columns: 250 }));
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  bob.close();
  await server.close();
  await home.remove();
});

/** What `c` shows. */
async function command(): Promise<string> {
  const screen = await choose(terminal, "c", "\nkeyroom --user ada ");
  return screen.match(/^keyroom .*$/gm)?.at(-1) ?? "";
}

/** Runs it in a shell in which `keyroom` is this checkout's; answers what it prints. */
async function run(line: string): Promise<string> {
  const script = `keyroom() { "$NODE" --import tsx client/main.ts "$@"; }\n${line}`;
  const env = { ...process.env, NODE: process.execPath, KEYROOM_PASSWORD: "right", XDG_CONFIG_HOME: home.path() };
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: ROOT, env });
  return stdout;
}

test("before anything was done there is none, and that is said", async () => {
  await choose(terminal, "c", "  Do something first: then its command is shown here.");
});

test("a put of what a shell would change does the same, in another user's room, too", async () => {
  const value = `it's "$HOME" \`id\` \\ * 🌊 --json`;
  await choose(terminal, "r", "? Whose room");
  await pick(terminal, "bob");
  await terminal.shows("in bob's room");
  await put(terminal, "-k y", value);
  await terminal.shows("Created -k y, revision 1.");
  const line = await command();
  await bob.delete("-k y");
  await run(line);
  expect(await bob.get("-k y")).toMatchObject({ value, updatedBy: "ada" });
});

test("a get, and a look at a history, print what the menu shows", async () => {
  await ada.put("city", "Calcutta");
  await ada.put("city", "Kolkata");
  await choose(terminal, "g", "? Get key");
  await pick(terminal, "", "city");
  await terminal.shows("│ Kolkata");
  expect(await run(await command())).toBe("Kolkata\n");
  await choose(terminal, "b", "? Browse key");
  await pick(terminal, "", "city");
  await terminal.shows("? What about");
  await pick(terminal, "hist", "history");
  await terminal.shows("The server's log goes back");
  for (const question of ["? Which change", "? Browse key"]) {
    await terminal.shows(question);
    terminal.press(KEYS.escape);
  }
  expect(await run(await command())).toMatch(/Kolkata.*Calcutta/s);
});

test("a load, a deletion and who is there are commands, too", async () => {
  const file = home.path("a file");
  await writeFile(file, "New Delhi\n");
  await choose(terminal, "l", "? Put a file's text");
  await pick(terminal, "capital");
  await terminal.shows("? File");
  terminal.press(file, KEYS.enter);
  await terminal.shows("Created capital");
  const load = await command();
  await choose(terminal, "d", "? Delete key");
  await pick(terminal, "", "capital");
  await terminal.shows("(y/N)");
  terminal.press("y", KEYS.enter);
  await terminal.shows("Deleted capital");
  const deletion = await command();
  await choose(terminal, "h", "2 online");
  const there = await command();
  await run(load);
  expect(await ada.get("capital")).toMatchObject({ value: "New Delhi\n" });
  await run(deletion);
  expect(await ada.get("capital")).toBeNull();
  expect(await run(there)).toMatch(/ada.*bob/s);
});
