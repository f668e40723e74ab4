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

/** Takes the marked choice so many lines below the first. */
async function take(below: number, marked: string): Promise<void> {
  terminal.press(...Array.from({ length: below }, () => KEYS.down));
  await terminal.shows(`❯ ${marked}`);
  terminal.press(KEYS.enter);
}

test("each choice turns one room, the marks follow, and the list is offered again", async () => {
  await terminal.shows(`${QUESTION}❯ [ ] all rooms\n  [ ] your room\n  [ ] bob's room\n  [ ] cleo's room\n`);
  await take(2, "[ ] bob's room");
  await terminal.shows(`${QUESTION}❯ done\n  [ ] all rooms\n  [ ] your room\n  [x] bob's room\n  [ ] cleo's room\n`);
  await take(4, "[ ] cleo's room");
  await terminal.shows("  [x] bob's room\n  [x] cleo's room\n");
  await take(3, "[x] bob's room");
  await terminal.shows(`Not watching bob's room any more.`);
  await terminal.shows("  [x] cleo's room\n  [ ] bob's room\n");
});

test("done leads back to the menu", async () => {
  await take(1, "[ ] your room");
  await terminal.shows(`${QUESTION}❯ done\n`);
  terminal.press(KEYS.enter);
  await terminal.shows("What next?");
  await terminal.shows("watching 1 room");
});

test("Esc leads back to the menu, and what was turned stays so", async () => {
  await take(1, "[ ] your room");
  await terminal.shows(`${QUESTION}❯ done\n`);
  terminal.press(KEYS.escape);
  await terminal.shows("What next?");
  await terminal.shows("watching 1 room");
});

test("all rooms take the marks of single ones, and say so", async () => {
  await take(2, "[ ] bob's room");
  await terminal.shows(`${QUESTION}❯ done\n`);
  await take(1, "[ ] all rooms");
  const screen = await terminal.shows("[x] all rooms");
  expect(screen.match(/\[x\]/g)).toHaveLength(1);
  await terminal.shows("Single rooms are part of all rooms.");
  await take(1, "[x] all rooms");
  await terminal.shows("Not watching all rooms any more.");
  await terminal.shows(`${QUESTION}❯ [ ] all rooms\n`);
});

test("a single room chosen while all are watched is answered", async () => {
  await take(0, "[ ] all rooms");
  await terminal.shows(`${QUESTION}❯ done\n`);
  await terminal.shows("Watching cleo's room");
  const { written } = terminal;
  await take(3, "[ ] bob's room");
  await terminal.fits(() => /bob's room.*(part of|already)/.test(terminal.written.slice(written.length)));
});

test("a name that is not in the list can be typed", async () => {
  terminal.press("nobody");
  await terminal.shows("❯ nobody\n\nexactly this name");
  terminal.press(KEYS.enter);
  await terminal.shows("Not watching nobody's room any more. ");
});
