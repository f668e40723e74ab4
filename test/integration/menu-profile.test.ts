/** Servers by name, and what was watched there the last time. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { KeptWatches } from "../../client/terminal/kept-watches.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { choose, closeMenus, hostAndPort, menuOf, news, openMenu, pick } from "../support/menu.ts";
import { KEYS } from "../support/virtual-terminal.ts";

let home: Home;
let server: RunningServer;
let ada: Store;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0 });
  ada = await connect(server.url, { user: "ada", password: "right" });
});
afterEach(async () => {
  await closeMenus();
  ada.close();
  await server.close();
  await home.remove();
});

test("a profile is found by its name, and leads to its server and user", async () => {
  const profiles = () => [
    { name: "work", ...hostAndPort(server.url), user: "ada" },
    { name: "home", host: "127.0.0.1", port: 1 },
  ];
  const { terminal } = openMenu({ profiles });
  await terminal.shows(`? Which server\n❯ work\n  home\n  another server\n\n${server.url}, as ada\n`);
  await pick(terminal, "wo", "work");
  await terminal.shows("✔ Which server work\n? Password of ada");
  terminal.press("right", KEYS.enter);
  await terminal.shows(`ada · guest · ${new URL(server.url).host}`);
});

test("another server is asked for by host and port, as without profiles", async () => {
  const { terminal } = openMenu({ profiles: () => [{ name: "home", host: "127.0.0.1", port: 1 }] });
  await terminal.shows("❯ home\n  another server\n");
  await pick(terminal, "ano", "another server");
  await terminal.shows("? Server (127.0.0.1)");
});

test("a server that is typed after a profile's is not spoken to on the profile's terms", async () => {
  const { terminal } = openMenu({ profiles: () => [{ name: "safe", host: "127.0.0.1", port: 1, tls: true }] });
  await pick(terminal, "", "safe");
  await terminal.shows("? Name");
  terminal.press(KEYS.enter);
  await terminal.shows("! ");
  await terminal.shows("❯ 127.0.0.1:1\n  safe\n  another server\n\nonce more\n");
  await pick(terminal, "ano", "another server");
  await terminal.shows("? Server (127.0.0.1)");
  terminal.press(KEYS.enter);
  await terminal.shows("? Port");
  terminal.press(String(hostAndPort(server.url).port), KEYS.enter);
  await terminal.shows(`· guest · ${new URL(server.url).host}`);
});

test("who comes back finds what he watched, with what was missed as unread news", async () => {
  const keepWatches = (url: string, store: Store, warn: (sentence: string) => void) =>
    new KeptWatches({ file: home.path("watches.json"), server: url, store, warn });
  const first = await menuOf(ada, server.url, { keepWatches });
  await choose(first.terminal, "w", "watching 1 room");
  await first.terminal.shows("0 keys.");
  first.terminal.press("q", KEYS.enter);
  await first.exit;
  await ada.put("city", "Kolkata");
  await ada.put("city", "Calcutta");
  const { terminal } = await menuOf(ada, server.url, { keepWatches });
  await terminal.shows("● resumed, 2 replayed");
  await terminal.shows("watching 1 room · 2 unread");
  expect(news(terminal.screen)).toEqual(['ada put city = "Kolkata"', 'ada put city = "Calcutta"']);
});
