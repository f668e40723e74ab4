/** Who is there, and who watches. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf, picture } from "../support/menu.ts";

let server: RunningServer;
let stores: Store[];
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  stores = [];
});
afterEach(async () => {
  await closeMenus();
  for (const store of stores) store.close();
  await server.close();
});

async function join(user: string): Promise<Store> {
  const store = await connect(server.url, { user, password: "right" });
  stores.push(store);
  return store;
}

test("who is there: those online first, then those away, names aligned though some are wide", async () => {
  const ada = await join("ada");
  await ada.upgrade();
  const away = await join("あや");
  await away.put("a", "1");
  await away.logout();
  await join("bob-with-a-longer-name");
  const { terminal } = await menuOf(ada, server.url);
  await choose(terminal, "h", "online, ");
  await terminal.shows(`  2 online, 1 away:
  ada                     0 keys, online, manager
  bob-with-a-longer-name  0 keys, online
  あや                    1 key, away
`);
});

test("who watches one's room is told by name and since when, and that nobody does", async () => {
  const ada = await join("ada");
  const { terminal } = await menuOf(ada, server.url);
  await choose(terminal, "t", "  Nobody watches your room.");
  for (const user of ["bob", "cleo"]) {
    const manager = await join(user);
    await manager.upgrade();
    manager.room("ada").watch();
  }
  await terminal.shows("2 watch you");
  const screen = picture(await choose(terminal, "t", "cleo  since"));
  expect(screen).toContain("  bob   since 2026-01-02 12:34:56\n  cleo  since 2026-01-02 12:34:56\n");
});
