/** Draws the README's pictures from real sessions: `npm run pictures`, with port 3000 free. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Store } from "../../client/sdk/index.ts";
import { screenSvg } from "../../docs/screen-svg.ts";
import { startServer } from "../../server/server.ts";
import { Tmux, type TmuxScreen } from "../support/tmux.ts";

const COLUMNS = 84;
const ROWS = 36;
/** The live view fills its window. */
const LIVE_ROWS = 18;
const PASSPHRASE = "open sesame";
/** Time between changes, so that the bars of the live view have something to show. */
const STEP_MS = 250;

const folder = mkdtempSync(join(tmpdir(), "keyroom-picture-"));
const server = await startServer({ managerPassphrase: PASSPHRASE });
const tmux = new Tmux(join(folder, "tmux"));
const stores: Store[] = [];
try {
  const [bob, cleo] = [await signIn("bob"), await signIn("cleo")];
  await bob.put("city", "Lisbon");
  await bob.put("greeting", "Olá, tudo bem?");
  await cleo.put("team", "Obs");
  const screen = await openMenu();
  await becomeManager(screen);
  for (const user of ["bob", "cleo"]) await watch(screen, user);
  await screen.press("Escape");
  await screen.shows("watching 2 rooms");
  await follow(screen, bob, cleo);
  await save(
    screen,
    "menu",
    "The menu of ada, a manager: a header, the last changes in two users' rooms, and the choices",
  );

  await choose(screen, "v", "Live · ");
  await busyDay(bob, cleo);
  await screen.press("t");
  await screen.shows("reading:4");
  await screen.resize(COLUMNS, LIVE_ROWS);
  await screen.fits((it) => it.split("\n").length === LIVE_ROWS && it.includes("back"), "the smaller view");
  await save(
    screen,
    "live",
    "The live view: the keys of two users' rooms, those that have just changed marked by a dot",
  );
  await screen.resize(COLUMNS, ROWS);
  await screen.press("q");
  await screen.shows("What next?");

  await queueAWrite(screen);
  await save(screen, "queued", "The server is away: the menu counts the attempts, and a write waits to be sent");
} finally {
  await tmux.close();
  for (const store of stores) store.close();
  await server.close();
  rmSync(folder, { recursive: true });
}

async function signIn(user: string): Promise<Store> {
  const store = await connect(server.url, { user, password: "their own" });
  stores.push(store);
  return store;
}

async function openMenu(): Promise<TmuxScreen> {
  const { port } = new URL(server.url);
  const client = [process.execPath, "--import", "tsx", "client/main.ts", "127.0.0.1", port, "--user", "ada"];
  const places = ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"].map((name) => `${name}=${folder}`);
  const environment = ["env", "-u", "NO_COLOR", ...places, "FORCE_COLOR=1", "KEYROOM_PASSWORD=a good one"];
  const screen = await tmux.open("ada", [...environment, ...client], { columns: COLUMNS, rows: ROWS });
  await screen.shows("What next?");
  return screen;
}

async function choose(screen: TmuxScreen, key: string, shown: string): Promise<void> {
  await screen.shows("? What next?\n");
  await screen.type(key);
  await screen.shows(`? What next? ${key}\n`);
  await screen.press("Enter");
  await screen.shows(shown);
}

async function becomeManager(screen: TmuxScreen): Promise<void> {
  await choose(screen, "u", "? Manager passphrase");
  await screen.type(PASSPHRASE);
  await screen.press("Enter");
  await screen.shows("ada · manager");
}

async function watch(screen: TmuxScreen, user: string): Promise<void> {
  if (!(await screen.picture()).includes("? Watch whose room\n")) await choose(screen, "w", "? Watch whose room");
  await screen.type(`${user}'s`);
  await screen.shows(`\n❯ [ ] ${user}'s room`);
  await screen.press("Enter");
  await screen.shows(`Watching ${user}'s room`);
  await screen.shows("? Watch whose room\n");
}

/** Some changes, told one by one in the menu's feed. */
async function follow(screen: TmuxScreen, bob: Store, cleo: Store): Promise<void> {
  const told = async (change: Promise<unknown>, line: string): Promise<void> => {
    await change;
    await screen.shows(line);
  };
  await told(bob.put("city", "Porto"), 'city = "Porto"');
  await told(cleo.put("reading:1", "21.5 °C"), "reading:1");
  await told(cleo.put("team", "Observatório"), "Observat");
  await told(bob.delete("greeting"), "deleted greeting");
  await told(bob.put("task 0", "open"), 'task 0 = "open"');
  await told(cleo.put("reading:1", "21.7 °C"), "21.7");
}

/** Two users at work for some seconds. */
async function busyDay(bob: Store, cleo: Store): Promise<void> {
  for (let i = 0; i < 24; i++) {
    await cleo.put(`reading:${(i % 4) + 1}`, `${(21.5 + Math.sin(i)).toFixed(1)} °C`);
    if (i % 3 === 0) await bob.put(`task ${(i / 3) % 3}`, ["open", "half done", "done"][(i / 3) % 3] ?? "");
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** Ends where the server has not come back yet. */
async function queueAWrite(screen: TmuxScreen): Promise<void> {
  await choose(screen, "p", "? Put key");
  await screen.type("note");
  await screen.shows("❯ note");
  await screen.press("Enter");
  await screen.shows("? Value");
  await screen.type("typed while ");
  await server.close();
  await screen.shows("Reconnecting…\n? Value typed while");
  await screen.type("the server was away");
  await screen.press("Enter");
  await screen.shows("1 queued");
  await screen.shows("(attempt 3)");
}

async function save(screen: TmuxScreen, name: string, title: string): Promise<void> {
  const svg = await screenSvg(await screen.picture({ colours: true }), COLUMNS, title);
  writeFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), svg);
}
