import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { choose, closeMenus, hostAndPort, type OpenMenu, openMenu, pick, timeless } from "../support/menu.ts";
import { heartlessServer } from "../support/mute-server.ts";
import { KEYS } from "../support/virtual-terminal.ts";

let server: RunningServer;
beforeEach(async () => {
  server = await startServer({ port: 0 });
});
afterEach(async () => {
  await closeMenus();
  await server.close();
});

/** Ada's menu, signed in by password: a server that forgot her gets it again. */
async function adasMenu(): Promise<OpenMenu> {
  const menu = openMenu({ ...hostAndPort(server.url), user: "ada" });
  await menu.terminal.shows("? Password of ada");
  menu.terminal.press("right", KEYS.enter);
  await menu.terminal.shows("chooses");
  return menu;
}

async function restart(): Promise<void> {
  server = await startServer({ port: hostAndPort(server.url).port });
}

test("the menu goes on while the server is gone, and says when it is back", async () => {
  const { terminal } = await adasMenu();
  await server.close();
  const lost = await terminal.shows(`ada · guest · ${new URL(server.url).host} · ○ reconnecting`);
  expect(lost).toMatch(/\* .* Reconnecting…/s);
  expect(lost).toContain("❯ g  get            read a key");
  await restart();
  // The news is drawn above the old header, which changes after it.
  await terminal.fits((screen) =>
    timeless(screen).includes("it has\n  forgotten its keys.\n\nada · guest · 127.0.0.1:45678 · ● live\n"),
  );
  expect(terminal.screen.match(/Reconnecting…/g)).toHaveLength(1);
});

test("the menu takes the place that a resized window has, without a key", async () => {
  const { terminal } = await adasMenu();
  const menu = (screen: string) => timeless(screen).slice(timeless(screen).indexOf("ada · guest"));
  const whole = menu(terminal.screen);
  terminal.resize(30, 12);
  await terminal.shows("  p  put            set a ke…\n");
  terminal.resize(80, 30);
  await terminal.fits((screen) => menu(screen) === whole);
});

test("a server that falls silent is not shown as there", async () => {
  const silent = await heartlessServer();
  try {
    const { terminal } = openMenu({ ...hostAndPort(silent.url), user: "ada" });
    await terminal.shows(`· ${new URL(silent.url).host} · ◌ no word from the server`);
    expect(terminal.screen).toContain("* No word from the server for 1 s. Still waiting…\n");
  } finally {
    await closeMenus();
    await silent.close();
  }
});

test("a value typed while the server is gone is kept, and saved when it is back", async () => {
  const { terminal } = await adasMenu();
  terminal.press("p", KEYS.enter);
  await terminal.shows("Type a new key.");
  terminal.press("city");
  await terminal.shows("❯ city");
  terminal.press(KEYS.enter);
  await terminal.shows("? Value");
  terminal.press("Kol");
  await terminal.shows("? Value Kol");
  await server.close();
  await terminal.shows("Reconnecting…\n? Value Kol");
  terminal.press("kata", KEYS.enter);
  await terminal.shows("  Queued: put city. It is sent when the server is back.");
  await terminal.shows("1 queued");
  await restart();
  await terminal.shows("* Committed: put city, revision 1.");
  await terminal.fits((screen) => !screen.includes("1 queued"));
});

test("a session that is over leads back to sign-in with the reason", async () => {
  const { terminal, credentials } = await adasMenu();
  terminal.press("g", KEYS.enter);
  await terminal.shows("There is no key yet.");
  const token = await credentials.find(server.url, "ada");
  const elsewhere = await connect(server.url, { user: "ada", ...(token === undefined ? {} : { token }) });
  await elsewhere.logout();
  const screen = await terminal.shows("? Name (*: anonymous guest) (ada)");
  expect(screen).toMatch(/\* Signed out\. \S.*\n\? Name/s);
  expect(screen).not.toContain("Get key");
});

test("whoever is typing when the session ends types to the end, and into no other question", async () => {
  const { terminal, credentials } = await adasMenu();
  await choose(terminal, "p", "? Put key");
  await pick(terminal, "note");
  await terminal.shows("? Value");
  terminal.press("half a sec");
  await terminal.shows("? Value half a sec");
  const token = await credentials.find(server.url, "ada");
  const elsewhere = await connect(server.url, { user: "ada", ...(token === undefined ? {} : { token }) });
  await elsewhere.logout();
  await terminal.fits((screen) => /\* Signed out\. .*\n\? Value half a sec$/.test(screen));
  terminal.press("ret", KEYS.enter);
  await terminal.shows("✔ Value half a secret\n? Name");
  expect(terminal.screen).toMatch(/\? Name \(\*: anonymous guest\) \(ada\)$/);
});
