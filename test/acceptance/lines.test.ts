/** Line mode at a real terminal, with a real server that dies and comes back. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { Home } from "../support/cli-process.ts";
import { ServerProcess } from "../support/server-process.ts";
import { hasTmux, Tmux, type TmuxScreen } from "../support/tmux.ts";

const PASSPHRASE = "open sesame";
const isReady = hasTmux();
if (!isReady)
  process.stderr.write("The test of line mode at a terminal is skipped: there is no tmux. Install it to run it.\n");
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

async function serve(port: string): Promise<{ readonly server: ServerProcess; readonly url: string }> {
  const flags = ["--port", port, "--accounts-file", home.path("accounts")];
  const server = new ServerProcess(flags, { KEYROOM_MANAGER_PASSPHRASE: PASSPHRASE });
  closers.push(() => server.stop());
  return { server, url: await server.url() };
}

async function join(url: string, user: string): Promise<Store> {
  const store = await connect(url, { user, password: "right" });
  closers.push(() => store.close());
  return store;
}

/** Line mode of this checkout, which says its exit code at the end and stays. Nothing of ours is inherited. */
async function open(name: string, url: string, env: Readonly<Record<string, string>> = {}): Promise<TmuxScreen> {
  const { hostname, port } = new URL(url);
  const forgotten = ["KEYROOM_USER", "KEYROOM_PASSWORD", "NO_COLOR", "FORCE_COLOR"].flatMap((it) => ["-u", it]);
  const places = { HOME: home.path(), XDG_CONFIG_HOME: home.path(), XDG_STATE_HOME: home.path("state"), ...env };
  const settings = Object.entries(places).map(([it, value]) => `${it}=${value}`);
  const node = [process.execPath, "--import", "tsx", "client/main.ts", hostname, port, "--lines"];
  const shell = ["sh", "-c", '"$@"; echo "ended with $?"; read -r word; echo "read $word"; read -r _', "sh"];
  const screen = await tmux.open(name, ["env", ...forgotten, ...settings, ...shell, ...node], {
    columns: 80,
    rows: 24,
  });
  await enter(screen, "Name (empty: anonymous guest):", name);
  await enter(screen, `Password of ${name}:`, `${name}'s own`);
  await screen.shows(`${name}@Guest__$`);
  return screen;
}

async function enter(screen: TmuxScreen, shown: string, text: string): Promise<void> {
  await screen.shows(shown);
  await screen.type(text);
  await screen.press("Enter");
}

/** Notices told, a burst counted by what it says. */
function told(picture: string): number {
  return [...picture.matchAll(/^\d\d:\d\d:\d\d (?!Watching)(.*)$/gm)].reduce(
    (sum, [, line]) => sum + Number(/^(\d+) changes\b/.exec(line ?? "")?.[1] ?? 1),
    0,
  );
}

/** Without blanks and line breaks: the terminal breaks long lines itself, and does not tell of blanks at their ends. */
function dense(text: string): string {
  return text.replace(/\s/g, "");
}

testInTmux("a line typed through 100 pushes, another width and a dead server is whole, and runs", async () => {
  const { server, url } = await serve("0");
  const ivy = await join(url, "ivy");
  const screen = await open("jan", url);
  await enter(screen, "jan@Guest__$", "sudo-su-manager");
  await enter(screen, "Manager passphrase", PASSPHRASE);
  await enter(screen, "jan@Manager__#", "watch ivy");
  await screen.shows("Watching ivy's room: 0 keys.");

  const start = 'put note "';
  await screen.type(`${start}"`);
  await screen.press("Left");
  const words = [
    "Nothing",
    "of",
    "this",
    "is",
    "lost",
    "or",
    "torn",
    "or",
    "typed",
    "twice,",
    "not",
    "at",
    "all",
    "漢字",
  ];
  for (const [i, word] of words.entries()) {
    await screen.type(`${word} `);
    if (i === 9) await screen.resize(60, 24);
    if (i < 10) await Promise.all(Array.from({ length: 10 }, (_, j) => ivy.put(`key ${j}`, String(i))));
  }
  const line = `jan@Manager__# ${start}${words.join(" ")} "`;
  const picture = await screen.fits(
    (it) => told(it) === 100 && dense(it).endsWith(dense(line)),
    "100 changes and the line",
  );
  expect(picture.match(/Nothing/g)).toHaveLength(1);

  await server.stop("SIGKILL");
  await screen.shows("Reconnecting…");
  await screen.press("Enter");
  await screen.shows("put note: queued until the server is back.");
  await screen.type("get note");
  await screen.press("Enter");
  await screen.shows("queued\njan@Manager__#");
  await serve(new URL(url).port);
  await screen.fits((it) => /put note: done\n.*get note: Nothing of this/s.test(it), "both answers");
  await screen.shows("Gap in ivy's room");
  const back = await join(url, "ivy");
  await back.put("city", "Rome");
  await screen.shows('ivy put city = "Rome"\njan@Manager__#');
  expect(await screen.picture()).not.toContain(PASSPHRASE);
});

testInTmux("Ctrl-C twice ends it with 130 and gives the terminal back; Ctrl-D ends it with 0", async () => {
  const { url } = await serve("0");
  const kim = await open("kim", url);
  await kim.type("half a line");
  await kim.shows("kim@Guest__$ half a line");
  await kim.press("C-c");
  await kim.shows("half a line^C\nkim@Guest__$");
  await kim.press("C-c");
  await kim.shows("To leave, press Ctrl-D, or Ctrl-C once more.\nkim@Guest__$");
  await kim.press("C-c");
  expect(await kim.shows("ended with 130")).not.toMatch(/Error|\bat /);
  await kim.type("back");
  await kim.press("Enter");
  await kim.shows("back\nread back");
  const lou = await open("lou", url);
  await lou.press("C-d");
  await lou.shows("lou@Guest__$\nended with 0");
});

testInTmux("a dumb terminal gets no escape sequences, and Backspace corrects", async () => {
  const { url } = await serve("0");
  const screen = await open("max", url, { TERM: "dumb", COLORTERM: "truecolor" });
  await enter(screen, "max@Guest__$", "watch");
  await screen.shows("Watching your room: 0 keys.\nmax@Guest__$");
  await screen.type("put cityx");
  await screen.shows("put cityx");
  await screen.press("BSpace");
  await screen.type(" Rome nonsense");
  await screen.press("Enter");
  await screen.shows("max@Guest__$ put city Rome nonsense\ndone\n! There is no command");
  expect(await screen.picture({ colours: true })).not.toContain("\x1b[");
});
