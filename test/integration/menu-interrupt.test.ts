import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { FakeStore } from "../support/cli-fake-store.ts";
import { closeMenus, hostAndPort, MemoryCredentials, type OpenMenu, openMenu } from "../support/menu.ts";
import { KEYS } from "../support/virtual-terminal.ts";

const { enter, ctrlC } = KEYS;
let server: RunningServer;
let ada: Store;
beforeAll(async () => {
  server = await startServer({ port: 0, upgrade: "open" });
  ada = await connect(server.url, { user: "ada", password: "right" });
  await Promise.all(Array.from({ length: 30 }, (_, i) => ada.put(`key-${i}`, "v")));
});
afterEach(closeMenus);
afterAll(async () => {
  ada.close();
  await server.close();
});

async function adasMenu(): Promise<OpenMenu> {
  const credentials = new MemoryCredentials();
  await credentials.save(server.url, "ada", ada.session.token);
  return openMenu({ ...hostAndPort(server.url), user: "ada", credentials });
}

/** From the start to a prompt: what is shown there, after these presses at what was shown before. */
type Way = readonly (readonly [shown: string, ...presses: string[]])[];
const MENU = "chooses";
const SIGN_IN: readonly (readonly [prompt: string, way: Way])[] = [
  ["server", [["? Server"]]],
  ["port", [["? Server", enter], ["? Port"]]],
  ["name", [["? Server", enter], ["? Port", enter], ["? Name"]]],
];
const AT_WORK: readonly (readonly [prompt: string, way: Way])[] = [
  ["menu", [[MENU]]],
  ["key", [[MENU, enter], ["❯ key-0"]]],
  ["value", [[MENU, "p", enter], ["❯ key-0", enter], ["? Value"]]],
  ["confirmation", [[MENU, "d", enter], ["❯ key-0", enter], ["(y/N)"]]],
  ["browsing", [[MENU, "b", enter], ["❯ key-0", enter], ["? What about key-0"]]],
  ["file", [[MENU, "l", enter], ["❯ key-0", enter], ["? File"]]],
  ["passphrase", [[MENU, "u", enter], ["? Manager passphrase"]]],
  // Ada is a manager from here on.
  [
    "rooms to watch",
    [[MENU, "u", enter], ["? Manager passphrase", enter], ["manager now"], [MENU, "w", enter], ["❯ [ ] all"]],
  ],
];

async function expectInterrupted({ terminal, exit }: OpenMenu, way: Way): Promise<void> {
  for (const [shown, ...presses] of way) {
    await terminal.shows(shown);
    terminal.press(...presses);
  }
  expect(terminal.raw).toBe(true);
  terminal.press(ctrlC);
  expect(await exit).toBe(130);
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.raw).toBe(false);
  expect(terminal.screen).not.toMatch(/error|exception|force closed|^\s+at /im);
}

test.each(SIGN_IN)("Ctrl-C at the %s ends it with 130", async (_, way) => {
  await expectInterrupted(openMenu({}), way);
});

test("Ctrl-C at the password ends it with 130", async () => {
  await expectInterrupted(openMenu({ ...hostAndPort(server.url), user: "bob" }), [["? Password of bob"]]);
});

test.each(AT_WORK)("Ctrl-C at the %s ends it with 130", async (_, way) => {
  await expectInterrupted(await adasMenu(), way);
});

test("Ctrl-C while waiting ends it with 130", async () => {
  const connecting = new Promise<Store>(() => undefined);
  const menu = openMenu({ host: "127.0.0.1", port: 1, user: "ada", connect: () => connecting });
  await expectInterrupted(menu, [["Connecting to 127.0.0.1:1…"]]);
});

test("a connection that comes after Ctrl-C is closed", async () => {
  let connected: (store: Store) => void = () => undefined;
  const connecting = new Promise<Store>((resolve) => {
    connected = resolve;
  });
  const menu = openMenu({ host: "127.0.0.1", port: 1, user: "ada", connect: () => connecting });
  await expectInterrupted(menu, [["Connecting to 127.0.0.1:1…"]]);
  const store = new FakeStore();
  connected(store);
  await new Promise((turn) => setImmediate(turn));
  expect(store.calls).toEqual([["alice", "close"]]);
});

test("a terminal that is gone ends it, too", async () => {
  const { terminal, exit } = await adasMenu();
  await terminal.shows(MENU);
  terminal.hangUp();
  expect(await exit).toBe(130);
});
