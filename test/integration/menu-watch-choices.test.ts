/** Which rooms are watched: a list of marks that each choice turns. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, menuOf } from "../support/menu.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const QUESTION = "? Watch whose room\n";
let server: RunningServer;
let stores: readonly Store[];
let terminal: VirtualTerminal;
beforeEach(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  const join = (user: string) => connect(server.url, { user, password: "right" });
  const ada = await join("ada");
  stores = [ada, await join("bob"), await join("cleo")];
  await ada.upgrade();
  ({ terminal } = await menuOf(ada, server.url));
  await choose(terminal, "w", QUESTION);
});
afterEach(async () => {
  await closeMenus();
  for (const store of stores) store.close();
  await server.close();
});

/** Takes the choice that is so many lines further down, or up, than the marked one. */
async function take(down: number, marked: string): Promise<void> {
  terminal.press(...Array.from({ length: Math.abs(down) }, () => (down > 0 ? KEYS.down : KEYS.up)));
  await terminal.shows(`❯ ${marked}`);
  terminal.press(KEYS.enter);
}

test("each choice turns one room, and the list stays as it is, with the mark where it was", async () => {
  await terminal.shows(`${QUESTION}❯ [ ] all rooms\n  [ ] your room\n  [ ] bob's room\n  [ ] cleo's room\n  done\n`);
  await take(2, "[ ] bob's room");
  await terminal.shows(`${QUESTION}  [ ] all rooms\n  [ ] your room\n❯ [x] bob's room\n  [ ] cleo's room\n  done\n`);
  await take(1, "[ ] cleo's room");
  await terminal.shows("  [x] bob's room\n❯ [x] cleo's room\n");
  await take(-1, "[x] bob's room");
  await terminal.shows(`Not watching bob's room any more.`);
  await terminal.shows("❯ [ ] bob's room\n  [x] cleo's room\n");
});

test("done leads back to the menu", async () => {
  await take(1, "[ ] your room");
  await terminal.shows("❯ [x] your room");
  await take(3, "done");
  await terminal.shows("What next?");
  await terminal.shows("watching 1 room");
});

test("Esc leads back to the menu, and what was turned stays so", async () => {
  await take(1, "[ ] your room");
  await terminal.shows("❯ [x] your room");
  terminal.press(KEYS.escape);
  await terminal.shows("What next?");
  await terminal.shows("watching 1 room");
});

test("all rooms take the marks of single ones, and say so", async () => {
  await take(2, "[ ] bob's room");
  await terminal.shows("❯ [x] bob's room");
  await take(-2, "[ ] all rooms");
  const screen = await terminal.shows("❯ [x] all rooms");
  expect(screen.match(/\[x\]/g)).toHaveLength(1);
  await terminal.shows("Single rooms are part of all rooms.");
  await take(0, "[x] all rooms");
  await terminal.shows("Not watching all rooms any more.");
  await terminal.shows(`${QUESTION}❯ [ ] all rooms\n`);
});

test("a single room chosen while all are watched is answered", async () => {
  await take(0, "[ ] all rooms");
  await terminal.shows("❯ [x] all rooms");
  await terminal.shows("Watching cleo's room");
  const { written } = terminal;
  await take(2, "[ ] bob's room");
  await terminal.fits(() => /bob's room.*(part of|already)/.test(terminal.written.slice(written.length)));
});

test("a name that is not in the list can be typed", async () => {
  terminal.press("nobody");
  await terminal.shows("❯ nobody\n\nexactly this name");
  terminal.press(KEYS.enter);
  await terminal.shows("Not watching nobody's room any more. ");
});
