/** What a key was, taking changes back, and lifetimes. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, pick, picture } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { enter } = KEYS;
let server: RunningServer;
let ada: Store;
let bob: Store;
let terminal: VirtualTerminal;
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await bob.upgrade();
  ({ terminal } = await menuOf(ada, server.url, { rows: 60 }));
});
afterEach(async () => {
  await closeMenus();
  for (const store of [ada, bob]) store.close();
  await server.close();
});

/** Up to a question about this revision of the key. */
async function lookBackAt(key: string, revision: number): Promise<void> {
  await choose(terminal, "b", "? Browse key");
  await pick(terminal, key);
  await terminal.shows(`? What about ${key}`);
  await pick(terminal, "hist", "history");
  await terminal.shows("? Which change\n❯ another key");
  await pick(terminal, `revision ${revision}`);
  await terminal.shows(`? What about revision ${revision}`);
}

test("a change is shown as it was then, and taken back after a look at what was before", async () => {
  await ada.put("city", "Calcutta");
  await bob.room("ada").put("city", "Kolkata");
  await lookBackAt("city", 2);
  expect(picture(terminal.screen)).toContain(`✔ Which change revision 2, bob: Kolkata
  │ Kolkata
  revision 2, 2026-01-02 12:34:56, by bob
? What about revision 2
❯ another change
  take it back
`);
  await pick(terminal, "take", "take it back");
  await terminal.shows("? Take back all of revision 2? (y/N)");
  expect(picture(terminal.screen)).toContain(`  Before revision 2 it was:
  │ Calcutta
  revision 1, 2026-01-02 12:34:56, by ada
`);
  terminal.press("y", enter);
  await terminal.shows("  Took back revision 2, as revision 3.");
  await terminal.shows("? Browse key\n");
  expect(await ada.get("city")).toMatchObject({ value: "Calcutta", revision: 3 });
});

test("what was not there before is said, and whoever does not confirm keeps it", async () => {
  await ada.put("city", "Kolkata");
  await lookBackAt("city", 1);
  await pick(terminal, "take", "take it back");
  await terminal.shows("  Before revision 1 there was no city: it would be deleted.");
  await terminal.shows("(y/N)");
  terminal.press(enter);
  await terminal.shows("  Kept it.");
  await terminal.shows("? Which change\n  another key\n❯ revision 1, ada: Kolkata");
  expect(await ada.get("city")).toMatchObject({ revision: 1 });
});

test("what was changed again since is not taken back, and that is said", async () => {
  await ada.put("city", "Calcutta");
  await ada.put("city", "Kolkata");
  await lookBackAt("city", 1);
  await pick(terminal, "take", "take it back");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await terminal.shows("! What was changed at revision 1 has been changed again since. Take back the\n");
  await terminal.shows("? Which change");
  expect(await ada.get("city")).toMatchObject({ value: "Kolkata", revision: 2 });
});

test("a deletion is shown as one, and its key comes back", async () => {
  await ada.put("city", "Kolkata");
  await ada.delete("city");
  await ada.put("city", "");
  await ada.delete("city");
  await ada.put("city", "Kolkata again");
  await ada.undo(5);
  await ada.put("city", "here");
  await lookBackAt("city", 4);
  await terminal.shows("  At revision 4, ada deleted it, ");
  await pick(terminal, "another", "another change");
  await terminal.shows("? Which change\n  another key\n  revision 7, ada: here\n  revision 6, ada: deleted it\n");
});

test("an undo that a lock is in the way of waits where asked to", async () => {
  await ada.put("city", "Calcutta");
  await ada.put("city", "Kolkata");
  await bob.room("ada").lock(["city"]);
  await lookBackAt("city", 2);
  await pick(terminal, "take", "take it back");
  await terminal.shows("(y/N)");
  terminal.press("y", enter);
  await terminal.shows("! city is locked: bob comes first, since ");
  await terminal.shows("up to a minute? (y/N)");
  terminal.press("y", enter);
  await terminal.shows("  In line behind bob.");
  await bob.room("ada").unlock(["city"]);
  await terminal.shows("  Took back revision 2, as revision 3.");
});

test("a key is given a lifetime, which is shown with it, and taken it again", async () => {
  await ada.put("city", "Kolkata");
  await choose(terminal, "i", "? Lifetime of key");
  await pick(terminal, "city");
  await terminal.shows("? When shall city go\n❯ never\n  1 minute\n  1 hour\n  1 day\n");
  await pick(terminal, "1 h", "1 hour");
  await terminal.shows("  city goes at ");
  const { expiresAt = 0 } = (await ada.get("city")) ?? {};
  expect(expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
  await choose(terminal, "g", "? Get key");
  await pick(terminal, "city");
  await terminal.fits((screen) => /, by ada, goes in (59 min|1 h)\n/.test(screen));
  await choose(terminal, "b", "? Browse key");
  await pick(terminal, "city");
  await terminal.shows("? What about city");
  await pick(terminal, "lif", "lifetime");
  await terminal.shows("? When shall city go");
  await pick(terminal, "never");
  await terminal.shows("  city stays until somebody deletes it.");
  expect(await ada.get("city")).not.toHaveProperty("expiresAt");
});

test("a lifetime can be typed, and a key that is gone has none", async () => {
  await ada.put("city", "Kolkata");
  await choose(terminal, "i", "? Lifetime of key");
  await pick(terminal, "city");
  await terminal.shows("? When shall city go");
  await pick(terminal, "90 s");
  await terminal.shows("  city goes at ");
  await choose(terminal, "g", "? Get key");
  await pick(terminal, "city");
  await terminal.shows(", by ada, goes in 1 min\n");
  await choose(terminal, "i", "? Lifetime of key");
  await pick(terminal, "city");
  await terminal.shows("? When shall city go\n❯");
  await bob.room("ada").delete("city");
  terminal.press(enter);
  await terminal.shows("  There is no key city any more.");
});
