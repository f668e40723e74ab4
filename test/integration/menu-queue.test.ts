/** What the server does not answer at once: writes are queued, then committed, or of unknown outcome. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, hostAndPort, menuOf, type OpenMenu, pick } from "../support/menu.ts";
import { FaultProxy, NOWHERE } from "../support/proxy.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

let home: Home;
let server: RunningServer;
let proxy: FaultProxy;
let ada: Store;
let menu: OpenMenu;
let terminal: VirtualTerminal;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, accountsFile: home.path("accounts") });
  proxy = await FaultProxy.open(server.url);
  ada = await connect(server.url, { user: "ada", password: "right" });
  await ada.put("city", "Kolkata");
  menu = await menuOf(ada, proxy.url);
  ({ terminal } = menu);
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await proxy.close();
  await server.close();
  await home.remove();
});

function cutOff(): void {
  proxy.leadTo(NOWHERE);
  proxy.cut();
}

async function askedForValue(key: string): Promise<void> {
  await choose(terminal, "p", "? Put key");
  await pick(terminal, key);
  await terminal.shows("? Value");
}

/** A put that was begun before the server went, and ended afterwards. */
async function queuedPut(): Promise<void> {
  await askedForValue("note");
  cutOff();
  await terminal.shows("Reconnecting…");
  terminal.press("written while away", KEYS.enter);
  await terminal.shows("  Queued: put note. It is sent when the server is back.");
  await terminal.shows("1 queued");
}

test("a write while the server is gone is queued, and told with its revision when it is committed", async () => {
  await queuedPut();
  await ada.put("city", "Calcutta");
  proxy.leadTo(server.url);
  await terminal.shows("* Committed: put note, revision 3.");
  await terminal.fits((screen) => !screen.includes("queued"));
  expect(await ada.get("note")).toMatchObject({ value: "written while away", revision: 3 });
});

test("a queued write is told of by its end alone, and is no change that was missed", async () => {
  await choose(terminal, "w", "watching 1 room");
  await queuedPut();
  await ada.put("city", "Calcutta");
  proxy.leadTo(server.url);
  await terminal.shows("* Committed: put note, revision 3.");
  await terminal.shows("* Watching goes on: 1 change was missed, and told now.");
  const screen = await terminal.shows('ada put city = "Calcutta"');
  expect(screen).not.toContain("put note =");
});

test("a deletion is queued, too; the end of one that changed nothing says so", async () => {
  await choose(terminal, "d", "? Delete key");
  await pick(terminal, "", "city");
  await terminal.shows("(y/N)");
  cutOff();
  await terminal.shows("Reconnecting…");
  terminal.press("y", KEYS.enter);
  await terminal.shows("  Queued: delete city. It is sent when the server is back.");
  await ada.delete("city");
  proxy.leadTo(server.url);
  await terminal.shows("* Committed: delete city, which changed nothing.");
});

test("a write can be begun while the server is gone", async () => {
  cutOff();
  await terminal.shows("○ reconnecting");
  await askedForValue("note");
});

test("leaving with a queued write asks, and stays by default", async () => {
  await queuedPut();
  for (const way of ["q", "s", "lo"]) {
    await choose(terminal, way, "? A write is not sent or not answered yet. Leave, and not know? (y/N)");
    terminal.press(KEYS.enter);
    await terminal.fits((screen) => /Stayed\.\n\nada · /.test(screen));
  }
  proxy.leadTo(server.url);
  await terminal.shows("* Committed: put note, revision 2.");
});

test("who is sure may quit with a queued write", async () => {
  await queuedPut();
  await choose(terminal, "q", "(y/N)");
  terminal.press("y", KEYS.enter);
  expect(await menu.exit).toBe(0);
});

test("Esc does not wait for an answer; the write's end is told when it comes", async () => {
  await askedForValue("note");
  proxy.hold("answers");
  terminal.press("slow", KEYS.enter);
  await terminal.shows("Saving…");
  terminal.press(KEYS.escape);
  await terminal.shows("  Still on its way: put note. Its end will be told here.");
  await terminal.shows("1 queued");
  proxy.resume();
  await terminal.shows("* Committed: put note, revision 2.");
});

test("a write whose answer is lost in a cut is committed once, with its revision", async () => {
  await askedForValue("note");
  const events = ada.watch()[Symbol.asyncIterator]();
  await events.next();
  proxy.hold("answers");
  terminal.press("sent once", KEYS.enter);
  await events.next();
  proxy.cut();
  await terminal.shows("* Committed: put note, revision 2.");
  expect(await ada.get("note")).toMatchObject({ version: 1 });
});

test("where the server forgot everything, an unknown outcome is shown as that, and asked about by itself", async () => {
  await askedForValue("note");
  const events = ada.watch()[Symbol.asyncIterator]();
  await events.next();
  proxy.hold("answers");
  terminal.press("who knows", KEYS.enter);
  await events.next();
  const { port } = hostAndPort(server.url);
  ada.close();
  proxy.cut();
  await server.close();
  await terminal.shows("  Queued: put note.");
  server = await startServer({ port, accountsFile: home.path("accounts") });
  await terminal.shows("* Outcome unknown: put note. ");
  await terminal.shows("* Of put note: The server ");
  await terminal.fits((screen) => !screen.includes("queued"));
});

test("Esc does not wait for a logout, which still ends the session and forgets its sign-in", async () => {
  proxy.hold("answers");
  await choose(terminal, "lo", "Logging out…");
  terminal.press(KEYS.escape);
  await terminal.shows("  Still logging out: you are signed out as soon as the server answers.\n");
  await terminal.shows("? What next?");
  proxy.resume();
  await terminal.shows("? Name (*: anonymous guest) (ada)");
  expect(menu.credentials.tokens.size).toBe(0);
});

test("a logout whose answer is lost in a cut is one", async () => {
  const loggedOut = new Promise<void>((resolve) => {
    ada.on("state", (state) => {
      if (state === "closed") resolve();
    });
  });
  proxy.hold("answers");
  await choose(terminal, "lo", "Logging out…");
  await loggedOut;
  proxy.cut();
  proxy.resume();
  const screen = await terminal.shows("? Name (*: anonymous guest) (ada)");
  expect(screen).not.toContain("!");
  expect(menu.credentials.tokens.size).toBe(0);
});
