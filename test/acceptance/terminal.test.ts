/** Three people at real terminals, as in the project's first promise: each has a room, and a manager reaches them all. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { Home } from "../support/cli-process.ts";
import { silentServer } from "../support/mute-server.ts";
import { FaultProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server-process.ts";
import { hasTmux, Tmux, type TmuxScreen } from "../support/tmux.ts";

const PASSPHRASE = "open sesame";
const isReady = hasTmux();
if (!isReady)
  process.stderr.write("The test with real terminals is skipped: there is no tmux. Install it to run it.\n");
const testInTmux = isReady || process.env["CI"] === "true" ? test : test.skip;

let home: Home;
let tmux: Tmux;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  home = await Home.make();
  tmux = new Tmux(home.path("tmux"));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
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

/** For a shell with jobs: waits for a line while its job is stopped, and continues that. */
const JOBS = '"$@"; echo "in the shell"; read -r word; echo "going $word"; fg; echo "ended with $?"; read -r _';

async function startServer(): Promise<readonly [host: string, port: string]> {
  const env = { KEYROOM_MANAGER_PASSPHRASE: PASSPHRASE };
  const screen = await tmux.open("server", program(env, "server/main.ts", "--port", "0"));
  const listening = await screen.shows("Keyroom listening on ");
  return hostAndPort(/listening on (\S+)/.exec(listening)?.[1] ?? "");
}

/** A server that can be killed. */
function serve(...flags: readonly string[]): ServerProcess {
  const server = new ServerProcess(flags, { KEYROOM_MANAGER_PASSPHRASE: PASSPHRASE });
  closers.push(() => server.stop());
  return server;
}

async function join(url: string, user: string): Promise<Store> {
  const store = await connect(url, { user, password: `${user}'s own` });
  closers.push(() => store.close());
  return store;
}

function hostAndPort(url: string): readonly [host: string, port: string] {
  const { hostname, port } = new URL(url);
  return [hostname, port];
}

async function signIn(user: string, server: readonly string[], rows = 30): Promise<TmuxScreen> {
  const screen = await tmux.open(user, program({}, "client/main.ts", ...server), { rows });
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

async function upgrade(screen: TmuxScreen, user: string): Promise<void> {
  await choose(screen, "upgrade");
  await screen.shows("? Manager passphrase");
  await screen.type(PASSPHRASE);
  await screen.press("Enter");
  await screen.shows(`* You are a manager now.\n\n${user} · manager`);
}

async function watch(screen: TmuxScreen, user: string): Promise<void> {
  await choose(screen, "watch");
  await screen.shows("? Watch whose room");
  await screen.type(user);
  await screen.shows(`? Watch whose room ${user}\n❯ ${user}`);
  await screen.press("Enter");
  await screen.shows(`Watching ${user}'s room: 0 keys.`);
}

/** What a screen tells of watched rooms, without the times. */
function notices(picture: string): string[] {
  return [...picture.matchAll(/^\d\d:\d\d:\d\d (.*)$/gm)].map(([, text]) => text ?? "");
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

  await upgrade(carol, "carol");
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

testInTmux("a manager follows two users' rooms live, through a cut and a restart, and loses nothing", async () => {
  const flags = ["--accounts-file", home.path("accounts")];
  const server = serve("--port", "0", ...flags);
  const url = await server.url();
  const proxy = await FaultProxy.open(url);
  closers.push(() => proxy.close());
  const [dan, leo] = [await join(url, "dan"), await join(url, "leo")];
  const fay = await signIn("fay", hostAndPort(proxy.url), 60);
  await upgrade(fay, "fay");
  for (const user of ["dan", "leo"]) await watch(fay, user);
  await fay.shows("fay · manager · watching 2 rooms · ");
  await dan.put("city", "Lisbon");
  await fay.shows('dan put city = "Lisbon"');
  await leo.put("hill", "Sado");
  await fay.shows('leo put hill = "Sado"');

  proxy.hold("answers");
  await dan.put("city", "Porto");
  proxy.cut();
  await leo.delete("hill");
  await leo.put("hill", "Marão");
  await fay.shows("* Watching goes on.");
  await fay.shows('leo put hill = "Marão"');

  await server.stop("SIGKILL");
  await fay.shows("watching 2 rooms (waiting)");
  await serve("--port", hostAndPort(url)[1], ...flags).started();
  await fay.shows("hill is gone from leo's room");
  await dan.put("city", "Faro");
  const picture = await fay.shows('dan put city = "Faro"');
  const of = (user: string) => notices(picture).filter((line) => line.includes(user));
  const gap = (user: string) => `Gap in ${user}'s room: not every change is known. What differs:`;
  expect(of("dan")).toEqual([
    "Watching dan's room: 0 keys.",
    'dan put city = "Lisbon"',
    'dan put city = "Porto"',
    gap("dan"),
    "city is gone from dan's room",
    'dan put city = "Faro"',
  ]);
  expect(of("leo")).toEqual([
    "Watching leo's room: 0 keys.",
    'leo put hill = "Sado"',
    "leo deleted hill",
    'leo put hill = "Marão"',
    gap("leo"),
    "hill is gone from leo's room",
  ]);
});

testInTmux("a sentence typed while 100 pushes arrive is whole, and so is the screen", async () => {
  const url = await serve("--port", "0").url();
  const gil = await join(url, "gil");
  const hal = await signIn("hal", hostAndPort(url));
  await upgrade(hal, "hal");
  await watch(hal, "gil");
  await choose(hal, "put");
  await hal.shows("? Put key");
  await hal.type("note");
  await hal.shows("❯ note");
  await hal.press("Enter");
  await hal.shows("? Value");
  const words = ["Nothing", "of", "this", "is", "lost", "or", "torn", "or", "typed", "twice."];
  for (const [i, word] of words.entries()) {
    await hal.type(i === 0 ? word : ` ${word}`);
    await Promise.all(Array.from({ length: 10 }, (_, j) => gil.put(`key ${j}`, `${i}`)));
  }
  await hal.shows(`? Value ${words.join(" ")}`);
  const told = (picture: string) =>
    notices(picture)
      .filter((line) => !line.startsWith("Watching"))
      .reduce((sum, line) => sum + Number(/^(\d+) changes\b/.exec(line)?.[1] ?? 1), 0);
  const picture = await hal.fits((it) => told(it) === 100, "100 changes");
  expect(picture.match(/Nothing/g)).toHaveLength(1);
  await hal.press("Enter");
  await hal.shows(`✔ Value ${words.join(" ")}\n  Created note, revision 1.`);
});

testInTmux("Ctrl-C leaves the menu with 130 and without a stack", async () => {
  const screen = await tmux.open("menu", program({}, "client/main.ts"));
  await screen.shows("? Server (127.0.0.1)");
  await screen.press("C-c");
  const picture = await screen.shows("ended with 130");
  expect(picture).not.toMatch(/Error|\bat /);
});

testInTmux("Ctrl-Z gives the terminal to the shell, and fg brings the question back with what was typed", async () => {
  const screen = await tmux.open("jobs", program({}, "client/main.ts").with(-8, "bash").with(-7, "-mc").with(-6, JOBS));
  await screen.shows("? Server (127.0.0.1)");
  await screen.type("local");
  await screen.shows("? Server local");
  await screen.press("C-z");
  await screen.shows("in the shell");
  await screen.type("on");
  await screen.press("Enter");
  await screen.shows("going on");
  await screen.fits((picture) => picture.split("? Server local").length === 3, "the question again");
  await screen.type("host");
  await screen.press("Enter");
  await screen.shows("✔ Server localhost\n? Port (3000)");
  await screen.press("C-c");
  await screen.shows("ended with 130");
});

testInTmux("Ctrl-Z where no shell could continue it, and Ctrl-D behind typed text, change nothing", async () => {
  const screen = await tmux.open("orphan", program({}, "client/main.ts"));
  await screen.shows("? Server (127.0.0.1)");
  await screen.type("local");
  await screen.press("C-z", "C-d");
  await screen.type("host");
  await screen.shows("? Server localhost");
  await screen.press("Enter");
  await screen.shows("? Port (3000)");
  await screen.press("C-d");
  await screen.shows("ended with 130");
});

testInTmux("Ctrl-D at a command's question ends it", async () => {
  const server = hostAndPort(await serve("--port", "0").url());
  const screen = await tmux.open("closed", program({}, "client/main.ts", ...server, "upgrade"));
  await screen.shows("? Manager passphrase");
  await screen.press("C-d");
  await screen.shows("ended with 130");
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
