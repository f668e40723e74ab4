/** The ends of a program at a terminal, wherever it is: by Ctrl-C, by Ctrl-D, by a closed window; and Ctrl-Z, which is none. */
import { expect } from "@jest/globals";
import { beginPut, choose, openMenu, upgrade, watch } from "../support/menu-at-terminal.ts";
import { silentServer } from "../support/mute-server.ts";
import { JOBS, PASSWORD, placeOf, terminals, testInTmux } from "../support/terminals.ts";
import type { TmuxScreen } from "../support/tmux.ts";

const at = terminals();

/** Presses Ctrl-C: the program is over with 130 and no word too many, and the shell has its terminal as it was. */
async function interrupt(screen: TmuxScreen): Promise<void> {
  await screen.press("C-c");
  const picture = await screen.shows("ended with 130");
  expect(picture).not.toMatch(/error|exception|force closed|^\s+at /im);
  expect(await screen.cursor()).toEqual({ column: 0, isShown: true });
  await screen.type("back");
  await screen.press("Enter");
  // Echoed by the terminal, and the line ended by a plain Enter: it is out of raw mode.
  await screen.shows("ended with 130\nback\nread back");
}

testInTmux("Ctrl-C ends the program with 130 at each kind of question, and gives the terminal back", async () => {
  const { url } = await at.serve();
  const ann = await at.join(url, "ann");
  await ann.put("city", "Lisbon");
  const ways: Readonly<Record<string, (screen: TmuxScreen) => Promise<unknown>>> = {
    menu: async () => undefined,
    key: (screen) => choose(screen, "g", "❯ city"),
    value: (screen) => beginPut(screen, "note"),
    secret: (screen) => choose(screen, "u", "? Manager passphrase"),
    confirmation: async (screen) => {
      await choose(screen, "d", "❯ city");
      await screen.press("Enter");
      await screen.shows("(y/N)");
    },
    live: (screen) => choose(screen, "v", "● connected"),
  };
  const env = { KEYROOM_PASSWORD: PASSWORD };
  const screens: (readonly [screen: TmuxScreen, way: (screen: TmuxScreen) => Promise<unknown>])[] = [];
  for (const [name, way] of Object.entries(ways)) {
    screens.push([await at.open(name, ["--user", "ann", ...placeOf(url)], { env }), way]);
  }
  await Promise.all(
    screens.map(async ([screen, way]) => {
      await screen.shows("What next?");
      await way(screen);
      await interrupt(screen);
    }),
  );
});

testInTmux("Ctrl-C ends it before anybody is signed in, too: at the server, and while connecting", async () => {
  const server = await at.open("server", []);
  const silent = await silentServer();
  at.closing(() => silent.close());
  const waiting = await at.open("waiting", ["--user", "ada", ...placeOf(silent.url)]);
  await server.shows("? Server (127.0.0.1)");
  await interrupt(server);
  await waiting.shows(`Connecting to ${placeOf(silent.url).join(":")}…`);
  const pressed = performance.now();
  await interrupt(waiting);
  // Half the time that the SDK would try on.
  expect(performance.now() - pressed).toBeLessThan(5_000);
});

testInTmux("Ctrl-D ends it where nothing is typed, and is nothing behind typed text", async () => {
  const { url } = await at.serve();
  const command = await at.open("command", [...placeOf(url), "upgrade"]);
  const menu = await at.open("menu", []);
  await command.shows("? Manager passphrase");
  await command.press("C-d");
  await command.shows("ended with 130");

  await menu.shows("? Server (127.0.0.1)");
  await menu.type("local");
  // Where no shell could continue it, Ctrl-Z is nothing, either.
  await menu.press("C-z", "C-d");
  await menu.type("host");
  await menu.shows("? Server localhost");
  await menu.press("Enter");
  await menu.shows("? Port (3000)");
  await menu.press("C-d");
  await menu.shows("ended with 130");
});

testInTmux(
  "Ctrl-Z gives the terminal to the shell, and fg brings menu and question back with what was typed",
  async () => {
    const { url } = await at.serve();
    const ann = await at.join(url, "ann");
    const screen = await openMenu(at, "ann", url, { rows: 70, shell: JOBS });
    await choose(screen, "w", "Watching your room: 0 keys.");
    await leaveAndComeBack(screen, "menu");
    await screen.fits((it) => it.split("? What next?").length === 3, "the menu again");
    await beginPut(screen, "note");
    await screen.type("half a");
    await screen.shows("? Value half a");
    await leaveAndComeBack(screen, "question");
    await screen.fits((it) => it.split("? Value half a").length === 3, "the question again");
    await ann.put("city", "Lisbon");
    await screen.shows('ann put city = "Lisbon"\n? Value half a');
    await screen.type(" sentence");
    await screen.press("Enter");
    await screen.shows("✔ Value half a sentence\n  Created note, revision 2.");
    await screen.press("C-c");
    await screen.shows("ended with 130");
  },
);

async function leaveAndComeBack(screen: TmuxScreen, word: string): Promise<void> {
  await screen.press("C-z");
  await screen.fits((it) => it.endsWith("in the shell"), "the shell");
  expect((await screen.cursor()).isShown).toBe(true);
  await screen.type(word);
  await screen.press("Enter");
  await screen.shows(`going ${word}`);
}

testInTmux("when its window is closed it ends, and keeps what it watched", async () => {
  const { url } = await at.serve();
  await at.join(url, "ann");
  const file = at.home.path("exit");
  // The shell lives on to tell how it ended, to another window.
  const shell = ["sh", "-c", `trap : HUP; "$@"; echo "ended with $?" > '${file}'`, "sh"];
  const screen = await openMenu(at, "bea", url, { shell });
  await upgrade(screen);
  await watch(screen, "ann");
  const [host, port] = placeOf(url);
  const other = await at.open("other", [host, port, "--lines"], {
    shell: ["sh", "-c", `until [ -s '${file}' ]; do sleep 0.05; done; cat '${file}'; read -r _`],
  });
  await screen.kill();
  // By the signal that a terminal sends when it goes.
  await other.shows("ended with 129");
  const again = await openMenu(at, "bea", url);
  await again.shows("watching 1 room");
});
