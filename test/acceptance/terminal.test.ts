/** Three people at real terminals, as in the project's first promise: each has a room, and a manager reaches them all. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Home } from "../support/cli-process.ts";
import { silentServer } from "../support/mute-server.ts";
import { hasTmux, Tmux, type TmuxScreen } from "../support/tmux.ts";

const PASSPHRASE = "open sesame";
const isReady = hasTmux();
if (!isReady)
  process.stderr.write("The test with real terminals is skipped: there is no tmux. Install it to run it.\n");
const testInTmux = isReady || process.env["CI"] === "true" ? test : test.skip;

let home: Home;
let tmux: Tmux;
beforeAll(async () => {
  home = await Home.make();
  tmux = new Tmux(home.path("tmux"));
});
afterAll(async () => {
  await tmux.close();
  await home.remove();
});

/** A program of this checkout, which says its exit code at the end and stays. Nothing of ours is inherited. */
function program(env: Readonly<Record<string, string>>, ...args: readonly string[]): string[] {
  const forgotten = ["KEYROOM_USER", "KEYROOM_PASSWORD", "NO_COLOR", "FORCE_COLOR"].flatMap((name) => ["-u", name]);
  const settings = Object.entries({ HOME: home.path(), XDG_CONFIG_HOME: home.path(), ...env });
  const node = [process.execPath, "--import", "tsx", ...args];
  return [
    ...["env", ...forgotten, ...settings.map(([name, value]) => `${name}=${value}`)],
    ...["sh", "-c", '"$@"; echo "ended with $?"; read -r _', "sh", ...node],
  ];
}

async function startServer(): Promise<readonly [host: string, port: string]> {
  const env = { KEYROOM_MANAGER_PASSPHRASE: PASSPHRASE };
  const screen = await tmux.open("server", program(env, "server/main.ts", "--port", "0"));
  const listening = await screen.shows("Keyroom listening on ");
  const url = new URL(/listening on (\S+)/.exec(listening)?.[1] ?? "");
  return [url.hostname, url.port];
}

async function signIn(user: string, server: readonly string[]): Promise<TmuxScreen> {
  const screen = await tmux.open(user, program({}, "client/main.ts", ...server));
  await screen.shows("? Name");
  await screen.type(user);
  await screen.press("Enter");
  await screen.shows(`? Password of ${user}`);
  await screen.type(`${user}'s secret`);
  await screen.press("Enter");
  await screen.shows(`${user} · guest · ${server.join(":")} · ● connected`);
  return screen;
}

async function put(screen: TmuxScreen, question: string, key: string, value: string, outcome: string): Promise<void> {
  await choose(screen, "put");
  await screen.shows(`? ${question}`);
  await screen.type(key);
  await screen.shows(`? ${question} ${key}\n❯ ${key}`);
  await screen.press("Enter");
  await screen.shows("? Value");
  await screen.type(value);
  await screen.press("Enter");
  await screen.shows(`✔ Value ${value}\n  ${outcome}`);
}

/** Marks a choice of the menu by its first letter, and takes it. */
async function choose(screen: TmuxScreen, choice: string): Promise<void> {
  await screen.shows("chooses");
  await screen.type(choice.charAt(0));
  await screen.shows(`❯ ${choice}`);
  await screen.press("Enter");
}

testInTmux("two guests keep their keys apart; a manager reads and changes one, and its owner sees it", async () => {
  const server = await startServer();
  const ada = await signIn("ada", server);
  const bob = await signIn("bob", server);
  const carol = await signIn("carol", server);
  await put(ada, "Put key", "city", "Kolkata", "Created city, revision 1.");
  await put(bob, "Put key", "city", "Paris", "Created city, revision 1.");

  const bobs = program({ KEYROOM_USER: "bob" }, "client/main.ts", ...server, "--room", "ada", "get", "city");
  const peek = await tmux.open("peek", bobs, { columns: 120 });
  const refusal = await peek.shows("ended with 4");
  expect(refusal).toContain("You are a guest: you may not read the room of ada.");
  expect(refusal).not.toContain("Kolkata");
  expect(await bob.picture()).not.toContain("another user's room");

  await choose(carol, "upgrade");
  await carol.shows("? Manager passphrase");
  await carol.type(PASSPHRASE);
  await carol.press("Enter");
  await carol.shows("* You are a manager now.\n\ncarol · manager");
  await choose(carol, "room");
  await carol.shows("? Whose room\n❯ ada\n  bob");
  await carol.press("Enter");
  await carol.shows("carol · manager · in ada's room");
  await choose(carol, "get");
  await carol.shows("❯ city\n\nKolkata\n");
  await carol.press("Enter");
  await carol.shows("✔ Get ada's key city\n  │ Kolkata\n  revision 1, ");
  await put(carol, "Put ada's key", "city", "Mumbai", "Changed city, revision 2.");

  await choose(ada, "get");
  await ada.shows("❯ city");
  await ada.press("Enter");
  expect(await ada.shows(", by carol")).toContain("✔ Get key city\n  │ Mumbai\n  revision 2, ");
  expect(await carol.picture()).not.toContain("Paris");
  for (const screen of [ada, bob, carol]) {
    await choose(screen, "quit");
    await screen.shows("ended with 0");
  }
});

testInTmux("Ctrl-C leaves the menu with 130 and without a stack", async () => {
  const screen = await tmux.open("menu", program({}, "client/main.ts"));
  await screen.shows("? Server (127.0.0.1)");
  await screen.press("C-c");
  const picture = await screen.shows("ended with 130");
  expect(picture).not.toMatch(/Error|\bat /);
});

testInTmux("Ctrl-C while connecting ends it at once, whatever the server does", async () => {
  const silent = await silentServer();
  try {
    const { hostname, port } = new URL(silent.url);
    const screen = await tmux.open("waiting", program({}, "client/main.ts", hostname, port, "--user", "ada"));
    await screen.shows(`Connecting to ${hostname}:${port}…`);
    const pressed = performance.now();
    await screen.press("C-c");
    await screen.shows("ended with 130");
    // Half the time that the SDK would try on.
    expect(performance.now() - pressed).toBeLessThan(5_000);
  } finally {
    await silent.close();
  }
});

testInTmux("Backspace corrects also where TERM is dumb, and nothing is coloured", async () => {
  const screen = await tmux.open("dumb", program({ TERM: "dumb", COLORTERM: "truecolor" }, "client/main.ts"));
  await screen.shows("? Server (127.0.0.1)");
  await screen.type("localhostx");
  await screen.shows("? Server localhostx");
  await screen.press("BSpace", "Enter");
  await screen.shows("✔ Server localhost\n? Port (3000)");
  expect(await screen.picture({ colours: true })).not.toContain("\x1b[");
});
