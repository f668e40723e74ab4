/** Looking through keys, their values and what became of them. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, pick, picture } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let server: RunningServer;
let ada: Store;
let bob: Store;
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await bob.upgrade();
});
afterEach(async () => {
  await closeMenus();
  for (const store of [ada, bob]) store.close();
  await server.close();
});

async function browsing(): Promise<VirtualTerminal> {
  const { terminal } = await menuOf(ada, server.url);
  await choose(terminal, "b", "? Browse key");
  return terminal;
}

test("pages of 50 keys follow each other to the last, also behind a prefix", async () => {
  const keys = Array.from({ length: 145 }, (_, i) => `key-${String(i).padStart(3, "0")}`);
  await Promise.all(keys.map((key) => ada.put(key, `value of ${key}`)));
  await ada.put("other", "last of all");
  const terminal = await browsing();
  await terminal.shows("❯ key-000");
  const turn = async () => {
    terminal.press(...Array.from({ length: 50 }, () => KEYS.down));
    await terminal.shows("❯ … more");
    terminal.press(KEYS.enter);
  };
  for (const first of ["key-050", "key-100"]) {
    await turn();
    await terminal.shows(`❯ ${first}\n`);
  }
  terminal.press(...Array.from({ length: 60 }, () => KEYS.down));
  await terminal.shows("❯ other\n");
  // No further page is offered.
  expect(terminal.screen).not.toContain("\n  … more");
  terminal.press("key-");
  await terminal.shows("? Browse key key-\n❯ key-000\n");
  await turn();
  await terminal.shows("? Browse key key-\n❯ key-050\n");
});

test("turning pages leaves nothing on the screen", async () => {
  await Promise.all(Array.from({ length: 51 }, (_, i) => ada.put(`key-${String(i).padStart(3, "0")}`, "v")));
  const terminal = await browsing();
  await terminal.shows("❯ key-000");
  terminal.press(...Array.from({ length: 50 }, () => KEYS.down));
  await terminal.shows("❯ … more");
  terminal.press(KEYS.enter);
  expect(await terminal.shows("❯ key-050")).not.toContain("✔");
});

test("an entry is shown, and its history: who, when and what, the newest first", async () => {
  await ada.put("city", "Calcutta");
  await bob.room("ada").put("city", "");
  await ada.delete("city");
  await bob.room("ada").put("city", "Kolkata");
  const terminal = await browsing();
  await pick(terminal, "", "city");
  await terminal.shows("  │ Kolkata\n  revision 4, ");
  await terminal.shows("? What about city\n❯ another key\n  history\n  edit\n  lifetime\n  delete\n");
  await pick(terminal, "hist", "history");
  await terminal.shows("? Which change\n❯ another key\n  revision 4, bob: Kolkata\n");
  expect(picture(terminal.screen)).toContain(`✔ What about city history
  4  2026-01-02 12:34:56  bob  Kolkata
  3  2026-01-02 12:34:56  ada  deleted it
  2  2026-01-02 12:34:56  bob  (empty)
  1  2026-01-02 12:34:56  ada  Calcutta
  The server's log goes back to revision 1.
`);
  terminal.press(KEYS.enter);
  await terminal.shows("✔ Which change another key\n? Browse key\n❯ city");
});

test("a long history shows its last twenty changes and says how to see all", async () => {
  for (let i = 1; i <= 21; i++) await ada.put("count", String(i));
  const terminal = await browsing();
  await pick(terminal, "", "count");
  await terminal.shows("? What about count");
  await pick(terminal, "hist", "history");
  await terminal.shows("These are the last 20. All of them: c, the command for this.");
  expect(terminal.screen).toMatch(/^ {2}2 {2}.* {2}2$/m);
  expect(terminal.screen).not.toMatch(/^ {2}1 {2}.* {2}1$/m);
});

test("a key can be deleted from here, and Esc leads from entry to keys to menu", async () => {
  await ada.put("city", "Kolkata");
  await ada.put("country", "India");
  const terminal = await browsing();
  await pick(terminal, "", "city");
  await terminal.shows("? What about city");
  await pick(terminal, "del", "delete");
  await terminal.shows("(y/N)");
  terminal.press("y", KEYS.enter);
  await terminal.shows("  Deleted city, revision 3.");
  await terminal.shows("? Browse key\n❯ country");
  expect(await ada.get("city")).toBeNull();
  await pick(terminal, "", "country");
  await terminal.shows("? What about country");
  terminal.press(KEYS.escape);
  await terminal.shows("? Browse key\n");
  terminal.press(KEYS.escape);
  await terminal.shows("What next?");
});

test("a key that went meanwhile is said to be gone", async () => {
  await ada.put("city", "Kolkata");
  const terminal = await browsing();
  await terminal.shows("❯ city");
  await bob.room("ada").delete("city");
  terminal.press(KEYS.enter);
  await terminal.shows("  There is no key city any more.\n? Browse key");
});

test("a key that is there is not called new on the pages behind it", async () => {
  // One that is first only until the others are asked for.
  const keys = ["a", "key", ...Array.from({ length: 60 }, (_, i) => `key-${i + 10}`)];
  await Promise.all(keys.map((key) => ada.put(key, "v")));
  const { terminal } = await menuOf(ada, server.url);
  await choose(terminal, "p", "? Put key");
  terminal.press("key");
  await terminal.shows("? Put key key\n❯ key\n");
  terminal.press(...Array.from({ length: 50 }, () => KEYS.down));
  await terminal.shows("❯ … more");
  terminal.press(KEYS.enter);
  await terminal.shows("? Put key key\n❯ key-59\n");
});
