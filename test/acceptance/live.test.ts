/** The live view as a program, at a real terminal. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Store } from "../../client/sdk/index.ts";
import type { RunningServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { starter } from "../support/start.ts";
import { hasTmux, Tmux, type TmuxScreen } from "../support/tmux.ts";

const isReady = hasTmux();
if (!isReady) process.stderr.write("The live view is not tried at a real terminal: there is no tmux.\n");
const testInTmux = isReady || process.env["CI"] === "true" ? test : test.skip;

/** Says a word before, and behind it the exit code; continues what was stopped when a line is typed. */
const SHELL =
  'echo before; "$@"; code=$?; if [ $code -gt 145 ]; then read -r _; fg; code=$?; fi; echo "ended $code"; read -r _';

const start = starter();
let home: Home;
let tmux: Tmux;
let server: RunningServer;
let bob: Store;
beforeAll(async () => {
  home = await Home.make();
});
beforeEach(async () => {
  tmux = new Tmux(home.path("tmux"));
  server = await start.serve({ upgrade: "open" });
  bob = await start.store(server.url, { user: "bob", password: "right" });
  const ada = await start.store(server.url, { user: "ada", password: "right" });
  await ada.upgrade();
});
afterEach(() => tmux.close());
afterAll(() => home.remove());

/** `keyroom … live` by a manager, in a shell. */
function openLive(env: Readonly<Record<string, string>> = {}): Promise<TmuxScreen> {
  const { hostname, port } = new URL(server.url);
  const forgotten = ["KEYROOM_USER", "NO_COLOR", "FORCE_COLOR", "ACCESSIBLE"].flatMap((name) => ["-u", name]);
  const folders = { HOME: home.path(), XDG_CONFIG_HOME: home.path(), XDG_STATE_HOME: home.path() };
  const settings = Object.entries({ ...folders, KEYROOM_PASSWORD: "right", ...env });
  return tmux.open("live", [
    ...["env", ...forgotten, ...settings.map(([name, value]) => `${name}=${value}`)],
    ...["bash", "-mc", SHELL, "bash", process.execPath, "--import", "tsx"],
    ...["client/main.ts", "--user", "ada", hostname, port, "live"],
  ]);
}

testInTmux("a manager sees changes as they happen, and Ctrl-C gives the terminal back as it was", async () => {
  const screen = await openLive();
  await screen.shows("all rooms (2) · ● connected");
  await bob.put("city", "Lisbon");
  expect(await screen.shows('city = "Lisbon"')).not.toContain("before");
  await screen.press("t", "Down", "Enter");
  await screen.shows("│ Lisbon");
  await screen.press("Escape");
  await screen.shows(" 1 key ");
  await screen.press("C-c");
  expect(await screen.shows("ended")).toBe("before\nended 130");
});

testInTmux("Ctrl-Z gives the terminal to the shell, fg draws the view anew, and q ends it with 0", async () => {
  const screen = await openLive();
  await screen.shows("● connected");
  await screen.press("C-z");
  const shell = await screen.shows("before");
  expect(shell).not.toContain("connected");
  await bob.put("city", "Lisbon");
  await screen.press("Enter");
  await screen.shows('city = "Lisbon"');
  await screen.press("q");
  expect(await screen.shows("ended 0")).not.toContain("Lisbon");
});

testInTmux("where TERM is dumb, lines are added and nothing else is done to the terminal", async () => {
  const screen = await openLive({ TERM: "dumb" });
  await screen.shows("Watching bob's room: 0 keys.");
  await bob.put("city", "Lisbon");
  await screen.shows('bob put city = "Lisbon"');
  await screen.press("<", "Enter");
  expect(await screen.shows("ended 0")).toMatch(/^before\nLive changes on 127/);
  expect(await screen.picture({ colours: true })).not.toContain("\x1b");
});
