import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, type OpenMenu, timeless } from "../support/menu.ts";
import { KEYS } from "../support/virtual-terminal.ts";

let server: RunningServer;
let ada: Store;
beforeEach(async () => {
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await server.close();
});

/** Ada's menu, at its first choice. */
function adasMenu(size: { columns?: number; rows?: number } = {}): Promise<OpenMenu> {
  return menuOf(ada, server.url, size);
}

test("puts a new key, changes it, gets it and deletes it", async () => {
  const { terminal } = await adasMenu();
  terminal.press("p", KEYS.enter);
  await terminal.is(`  Signed in as ada, a guest.

? Put key
 Type a new key.

↑↓ navigate • ⏎ select • esc back`);
  terminal.press("city");
  await terminal.is(`  Signed in as ada, a guest.

? Put key city
❯ city

a new key
↑↓ navigate • ⏎ select • esc back`);
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press("Calcutta", KEYS.enter);
  await terminal.shows("  Created city, revision 1.\n\nada");
  terminal.press("p", KEYS.enter);
  await terminal.shows("❯ city\n\nCalcutta\n");
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press("Kolkata", KEYS.enter);
  await terminal.shows("  Changed city, revision 2.\n\nada");
  expect(await ada.get("city")).toMatchObject({ value: "Kolkata", revision: 2 });

  terminal.press("g", KEYS.enter);
  await terminal.shows("? Get key\n❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("✔ Get key city\n  │ Kolkata\n  revision 2, ");
  await terminal.shows("chooses");

  terminal.press("d", KEYS.enter);
  await terminal.shows("? Delete key\n❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("? Delete city for good? (y/N)");
  terminal.press("y", KEYS.enter);
  await terminal.shows("✔ Delete city for good? Yes\n  Deleted city, revision 3.\n\nada");
  expect(await ada.get("city")).toBeNull();
});

test("a deletion that is not confirmed keeps the key", async () => {
  await ada.put("city", "Kolkata");
  const { terminal } = await adasMenu();
  terminal.press("d", KEYS.enter);
  await terminal.shows("❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("(y/N)");
  terminal.press(KEYS.enter);
  await terminal.shows("  Kept it.");
  expect(await ada.get("city")).not.toBeNull();
});

test("suggests the keys that begin with what is typed, and Tab completes", async () => {
  for (const key of ["city", "country", "county"]) await ada.put(key, `${key} value`);
  const { terminal } = await adasMenu();
  terminal.press("g", KEYS.enter);
  await terminal.shows("❯ city\n  country\n  county\n");
  terminal.press("co");
  await terminal.shows("? Get key co\n❯ country\n  county\n\ncountry value\n");
  terminal.press(KEYS.down);
  await terminal.shows("  country\n❯ county\n");
  terminal.press(KEYS.tab);
  await terminal.shows("? Get key county\n❯ county\n");
  terminal.press("x");
  await terminal.shows("? Get key countyx\n No key begins with countyx.\n");
});

test("a typed key is offered before those that begin with it, so that Enter never changes another", async () => {
  await ada.put("city", "Kolkata");
  const { terminal } = await adasMenu();
  terminal.press("p", KEYS.enter);
  await terminal.shows("❯ city");
  terminal.press("ci");
  await terminal.shows("? Put key ci\n❯ ci\n  city\n\na new key\n");
});

test("suggestions of a large room come from the server as one types", async () => {
  await Promise.all(Array.from({ length: 300 }, (_, i) => ada.put(`key-${i}`, String(i))));
  const { terminal } = await adasMenu();
  terminal.press("g", KEYS.enter);
  await terminal.shows("❯ key-0\n");
  terminal.press("key-299");
  await terminal.shows("? Get key key-299\n❯ key-299\n\n299\n");
});

test("a pasted line is a key and an Enter", async () => {
  const { terminal } = await adasMenu();
  await choose(terminal, "p", "? Put key");
  // In one chunk, as when a line is pasted.
  terminal.press(`city${KEYS.enter}`);
  await terminal.shows("✔ Put key city\n? Value");
});

test("what others wrote is shown and never obeyed", async () => {
  const evil = "\x1b]0;owned\x07\x1b[2Jclear\u202egnp.exe\r\x9b31m";
  await ada.put(`k\x1b[2J`, evil);
  const { terminal } = await adasMenu();
  const shown = "\\x1b]0;owned\\x07\\x1b[2Jclear\\u{202e}gnp.exe\\r\\x9b31m";
  terminal.press("g", KEYS.enter);
  await terminal.shows(`❯ k\\x1b[2J\n\n${shown}`);
  terminal.press(KEYS.tab);
  await terminal.shows(`? Get key k\\x1b[2J\n❯ k\\x1b[2J\n\n${shown}`);
  terminal.press(KEYS.enter);
  await terminal.shows(`✔ Get key k\\x1b[2J\n  │ ${shown}\n`);
  await terminal.shows("chooses");
  terminal.press("d", KEYS.enter);
  await terminal.shows("❯ k\\x1b[2J");
  terminal.press(KEYS.enter);
  await terminal.shows("? Delete k\\x1b[2J for good?");
  for (const danger of ["\x1b]", "\x1b[2J", "\x07", "\u202e", "\x9b"]) expect(terminal.written).not.toContain(danger);
});

test("a value's lines stay lines behind a bar, and a long one ends early and says so", async () => {
  await ada.put("poem", "roses\n! Signed out.\nviolets");
  await ada.put("tome", "w".repeat(1_000_000));
  const { terminal } = await adasMenu();
  terminal.press("g", KEYS.enter);
  await terminal.shows("❯ poem");
  terminal.press(KEYS.enter);
  await terminal.shows("✔ Get key poem\n  │ roses\n  │ ! Signed out.\n  │ violets\n  revision 1");
  await terminal.shows("chooses");
  terminal.press("g", KEYS.enter);
  await terminal.shows("❯ poem\n  tome");
  terminal.press(KEYS.down, KEYS.enter);
  await terminal.shows("  … 1,000,000 characters in all.\n  revision 2");
});

test("Esc leads back to the menu and leaves nothing behind", async () => {
  await ada.put("city", "Kolkata");
  const { terminal } = await adasMenu();
  const menu = timeless(terminal.screen);
  for (const choice of ["g", "p", "b", "e", "l", "d", "u"]) {
    await choose(terminal, choice, "esc back");
    terminal.press(KEYS.escape);
    await terminal.fits((screen) => timeless(screen) === menu);
  }
});

test("forty columns are enough", async () => {
  await ada.put("city", "Kolkata, earlier known as Calcutta, West Bengal");
  const { terminal } = await adasMenu({ columns: 40, rows: 20 });
  terminal.press("g", KEYS.enter);
  await terminal.is(`  Signed in as ada, a guest.

? Get key
❯ city

Kolkata, earlier known as Calcutta,…
↑↓ navigate • ⏎ select • esc back`);
  terminal.press(KEYS.enter);
  const screen = await terminal.shows("chooses");
  expect(screen).toContain(`✔ Get key city
  │ Kolkata, earlier known as Calcutta,
  │  West Bengal
  revision 1, `);
});
