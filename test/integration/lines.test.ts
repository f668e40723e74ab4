import { readFile, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { closeLines, openLines } from "../support/lines.ts";
import { FaultProxy } from "../support/proxy.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { enter, ctrlC, tab, up, down } = KEYS;
const LEFT = "\x1b[D";
const CTRL_D = "\x04";
const PASSPHRASE = "open sesame";
const GUEST = "ada@Guest__$";
const MANAGER = "ada@Manager__#";
let home: Home;
let server: RunningServer;
let ada: Store;
let bob: Store;
beforeEach(async () => {
  home = await Home.make();
  server = await startServer({ port: 0, managerPassphrase: PASSPHRASE });
  const join = (user: string) => connect(server.url, { user, password: "right" });
  [ada, bob] = [await join("ada"), await join("bob")];
});
afterEach(async () => {
  await closeLines();
  for (const store of [ada, bob]) store.close();
  await server.close();
  await home.remove();
});

/** Line mode with Ada signed in. */
function adas(
  options: {
    readonly url?: string;
    readonly columns?: number;
    readonly isPlain?: boolean;
    readonly deadlineMs?: number;
  } = {},
) {
  const { deadlineMs, ...others } = options;
  const connection = deadlineMs === undefined ? {} : { deadlineMs };
  return openLines({ url: server.url, historyFile: home.path("history"), as: ada, connection, ...others });
}

async function managers(options: Parameters<typeof adas>[0] = {}) {
  await ada.upgrade(PASSPHRASE);
  return adas(options);
}

/** What is shown below the line that greets. */
function below(terminal: VirtualTerminal): string {
  return terminal.screen.split("what there is.\n")[1] ?? "";
}

/** Resolves as soon as this is all that is shown below the greeting. */
async function reads(terminal: VirtualTerminal, ...lines: readonly string[]): Promise<void> {
  await terminal.fits(() => below(terminal) === lines.join("\n"));
}

test("several commands in a line answer one after the other, and a bad one hides none", async () => {
  const { terminal, exit } = await adas();
  terminal.press("put a get GET a nope get missing", enter);
  await reads(
    terminal,
    `${GUEST} put a get GET a nope get missing`,
    "done",
    "get",
    '! There is no command "nope". Only a manager reaches other users\' keys.',
    "key not found",
    GUEST,
  );
  terminal.press('put "my key" "a  value" list delete "my key" delete "my key"', enter);
  await terminal.shows("done\na\nmy key\ndone\nkey not found\n");
  terminal.press("Q", enter);
  expect(await exit).toBe(0);
  expect(terminal.raw).toBe(false);
});

test("pasted lines run in order, each with its answer below it, and the last one may be typed on", async () => {
  const { terminal } = await adas();
  terminal.press(`put a 1${enter}get a${enter}put tab "x\ty"${enter}get tab${enter}ge`);
  const echoes = [`${GUEST} put a 1`, "done", `${GUEST} get a`, "1", `${GUEST} put tab "x\\ty"`, "done"];
  await reads(terminal, ...echoes, `${GUEST} get tab`, "x\\ty", `${GUEST} ge`);
  terminal.press("t a", enter);
  await reads(terminal, ...echoes, `${GUEST} get tab`, "x\\ty", `${GUEST} get a`, "1", GUEST);
});

test("a manager reaches the rooms of others", async () => {
  await bob.put("city", "Paris");
  const { terminal } = await managers();
  terminal.press("get bob city get city put bob city Rome get bob city rooms", enter);
  await terminal.shows("Paris\nkey not found\ndone\nRome\nada (0 keys, online)\nbob (1 key, online)\n");
  terminal.press("get nobody x", enter);
  await terminal.shows("! There is no user called nobody, and so no room.");
  expect((await bob.get("city"))?.value).toBe("Rome");
});

test("sudo-su-manager asks for a passphrase that is neither shown nor kept, and the prompt follows", async () => {
  const { terminal } = await adas();
  terminal.press("sudo-su-manager", enter);
  await terminal.shows("Manager passphrase (empty where none is needed):");
  terminal.press("wrong", enter);
  await terminal.shows("! ");
  terminal.press("sudo-su-manager", enter, PASSPHRASE, enter);
  await terminal.shows(`* You are a manager now.\n${MANAGER}`);
  terminal.press(up, up);
  await terminal.shows(`${MANAGER} sudo-su-manager`);
  expect(terminal.written).not.toMatch(/wrong|open sesame/);
  expect(await readFile(home.path("history"), "utf8")).toBe("sudo-su-manager\n");
});

test("Ctrl-C at the passphrase goes back to the prompt", async () => {
  const { terminal } = await adas();
  terminal.press("sudo-su-manager", enter);
  await terminal.shows("needed):");
  terminal.press("half");
  // Drawn once for all letters that come at once.
  await setImmediate();
  terminal.press(ctrlC);
  await terminal.shows(`needed): ^C\n${GUEST}`);
  terminal.press(up, enter);
  await terminal.fits((screen) => screen.split("needed):").length === 3);
  expect(terminal.written).not.toContain("half");
});

test("the prompt follows a role that changes while a line is typed, at once", async () => {
  await bob.upgrade(PASSPHRASE);
  const { terminal } = await adas();
  terminal.press("get city", LEFT, LEFT);
  await terminal.shows(`${GUEST} get city`);
  await bob.promote("ada");
  await terminal.shows(`* You are a manager now.\n${MANAGER} get city`);
  expect(terminal.cursorColumn).toBe(`${MANAGER} get ci`.length);
  await bob.demote("ada");
  await terminal.shows(`* You are a guest now.\n${GUEST} get city`);
});

/** Notices told, a burst counted by what it says. */
function told(terminal: VirtualTerminal): number {
  return [...terminal.screen.matchAll(/^\d\d:\d\d:\d\d (.*)$/gm)]
    .filter(([, line]) => !line?.startsWith("Watching"))
    .reduce((sum, [, line]) => sum + Number(/^(\d+) changes\b/.exec(line ?? "")?.[1] ?? 1), 0);
}

test.each([
  [80, 1],
  [40, 2],
])(
  "100 pushes at %d columns leave a sentence that is typed as it is, with the cursor where it was",
  async (columns) => {
    const { terminal } = await managers({ columns });
    terminal.press("watch bob", enter);
    await terminal.shows("Watching bob's room: 0 keys.");
    terminal.press("put note 'all that is typed", ...Array(5).fill(LEFT));
    let sentence = "put note 'all that is typed";
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 0) {
        terminal.press(String(i / 10));
        sentence = `${sentence.slice(0, -5)}${i / 10}${sentence.slice(-5)}`;
      }
      await bob.put("漢字", String(i));
    }
    await terminal.fits(() => told(terminal) === 100);
    const line = `${MANAGER} ${sentence}`;
    const rows = line.match(new RegExp(`.{1,${columns}}`, "g")) ?? [];
    expect(terminal.screen.split("\n").slice(-rows.length)).toEqual(rows);
    expect(terminal.screen.match(/note/g)).toHaveLength(1);
    expect(terminal.cursorColumn).toBe((line.length - 5) % columns);
  },
);

test("one's own writes are told by their answers alone", async () => {
  const { terminal } = await adas();
  terminal.press("watch", enter);
  await terminal.shows("Watching your room: 0 keys.");
  terminal.press("put a 1 delete a", enter);
  await terminal.shows("done\ndone\n");
  await ada.put("b", "2");
  await terminal.shows('ada put b = "2"');
  expect(told(terminal)).toBe(1);
});

test("hostile values, keys and names are shown and not obeyed", async () => {
  const hostile = ["\x1b]0;title\x07", "\x1b[2J", "\u202egnp.exe", "\x9b2J", "a\r\nb"];
  const { terminal } = await managers();
  terminal.press("watch bob", enter);
  await terminal.shows("Watching bob's room: 0 keys.");
  for (const [i, text] of hostile.entries()) {
    await bob.put(`${i}${text}`, text);
    await bob.put(String(i), text);
  }
  await terminal.fits(() => told(terminal) === 10);
  terminal.press("get bob 0 get bob 1 get bob 2 get bob 3 get bob 4", enter);
  await terminal.shows("\\x1b]0;title\\x07\n\\x1b[2J\n\\u{202e}gnp.exe\n\\x9b2J\na\\r\\nb\n");
  terminal.press("get bob ", tab);
  await terminal.shows("0  1  2  3  4\n");
  expect(terminal.written).not.toMatch(/\x1b\]|\x1b\[2J|\u202e|\x9b/);
});

test("Tab completes commands, and rooms and keys as the server knows them", async () => {
  await Promise.all(["city", "country code", "count"].map((key) => bob.put(key, "v")));
  const { terminal } = await managers();
  terminal.press("who", tab);
  await terminal.shows(`${MANAGER} whoami`);
  terminal.press(ctrlC, "get bo", tab);
  await terminal.shows(`${MANAGER} get bob`);
  terminal.press(tab);
  await terminal.shows(`${MANAGER} get bob c`);
  terminal.press(tab);
  await terminal.shows("city  count  country code\n");
  terminal.press("ou", tab);
  await terminal.shows(`${MANAGER} get bob count`);
  terminal.press("r", tab);
  await terminal.shows(`${MANAGER} get bob "country code"`);
  terminal.press(enter);
  await terminal.shows(`"country code" \nv\n`);
});

test("Tabs that come at once are as good as one, and long names are cut to the width", async () => {
  const [a, b] = ["a", "b"].map((letter) => letter.repeat(300));
  await Promise.all([a, b].map((key) => ada.put(key ?? "", "v")));
  const { terminal } = await adas({ columns: 40 });
  terminal.press("get \t\t");
  await terminal.shows(`${"a".repeat(39)}…\n${"b".repeat(39)}…\n${GUEST} get`);
  expect(terminal.screen).not.toContain("\\t");
  terminal.press("a\t\tx\t");
  await terminal.fits((screen) => screen.replaceAll("\n", "").endsWith("get a\\t\\tx"));
});

test("a silent server completes nothing and does not hold up typing", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal } = await adas({ url: proxy.url });
  await ada.put("city", "v");
  proxy.hold("answers");
  terminal.press("get c", tab);
  // Letters that come at once would be of a paste.
  await setImmediate();
  terminal.press("x");
  await terminal.shows(`${GUEST} get cx`);
  terminal.press("\x7f");
  await terminal.shows(`${GUEST} get c`);
  proxy.resume();
  terminal.press("\t");
  await terminal.shows(`${GUEST} get city`);
  await proxy.close();
});

test("without a server typing goes on; what is entered is queued, and its answers are told in order", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal } = await adas({ url: proxy.url });
  terminal.press("get b", enter);
  await terminal.shows("key not found\n");
  proxy.leadTo("http://127.0.0.1:1");
  proxy.cut();
  await terminal.shows("Reconnecting…");
  terminal.press("put a 1 put b 2", enter);
  await terminal.shows(`${GUEST} put a 1 put b 2\n  put a: queued until the server is back.\n${GUEST}`);
  terminal.press("get a get nope", enter, "half a li");
  await terminal.shows(`${GUEST} get a get nope\n  queued\n${GUEST} half a li`);
  proxy.leadTo(server.url);
  await terminal.shows("* Connected again.\nput a: done\nput b: done\nget a: 1\nget nope: key not found\n");
  await terminal.shows(`${GUEST} half a li`);
  await proxy.close();
});

test("what is queued when the session is lost is answered line by line", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal } = await adas({ url: proxy.url });
  proxy.leadTo("http://127.0.0.1:1");
  proxy.cut();
  await terminal.shows("Reconnecting…");
  terminal.press("put g0 0 put g1 1", enter);
  await terminal.shows("put g0: queued until the server is back.");
  terminal.press("delete g2 nope", enter, "list", enter, "half a li");
  await terminal.shows("half a li");
  // A server that has forgotten all, as after a restart.
  const other = await startServer({ port: 0 });
  proxy.leadTo(other.url);
  const screen = await terminal.fits((text) => text.endsWith("Press Enter to sign in again:"));
  const answers = screen.split("\n").filter((line) => line.startsWith("! "));
  expect(answers).toEqual([
    "! put g0: not written, you are signed out.",
    "! put g1: not written, you are signed out.",
    "! delete g2: not deleted, you are signed out.",
    expect.stringContaining('! There is no command "nope".'),
    "! list: not run, you are signed out.",
  ]);
  expect(screen).toMatch(/half a li\n\* Signed out\. /);
  terminal.press("ne", enter, "ada", enter);
  await terminal.shows("Password of ada:");
  await other.close();
  await proxy.close();
});

test("a passphrase that is pasted while there is no server, and so taken for a command, is not kept", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal } = await adas({ url: proxy.url });
  proxy.leadTo("http://127.0.0.1:1");
  proxy.cut();
  await terminal.shows("Reconnecting…");
  terminal.press(`sudo-su-manager\r${PASSPHRASE}\rwhoami\r`);
  proxy.leadTo(server.url);
  await terminal.shows("Manager passphrase (empty where none is needed):");
  terminal.press(enter);
  await terminal.shows("whoami: ada guest");
  expect(await readFile(home.path("history"), "utf8")).toBe("sudo-su-manager\nwhoami\n");
  await proxy.close();
});

test("a write whose answer is lost is told as that, and settled by itself", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal } = await adas({ url: proxy.url, deadlineMs: 1_500 });
  proxy.hold("answers");
  terminal.press("put a 1", enter);
  await terminal.shows("! put a: The put may or may not have happened.");
  expect((await ada.get("a"))?.value).toBe("1");
  proxy.cut();
  await terminal.shows("* put a: The server says: it was done, as revision 1.\n");
  await proxy.close();
});

test("Ctrl-C clears what is typed; where nothing is, it says how to leave, and a second one ends with 130", async () => {
  const { terminal, exit } = await adas();
  terminal.press("put a", ctrlC);
  await reads(terminal, `${GUEST} put a^C`, GUEST);
  terminal.press(ctrlC);
  await terminal.shows("  To leave, press Ctrl-D, or Ctrl-C once more.\n");
  terminal.press("x", "\x7f", ctrlC);
  await terminal.fits((screen) => screen.split("To leave").length === 3);
  terminal.press(ctrlC);
  expect(await exit).toBe(130);
  expect(terminal.raw).toBe(false);
  expect(terminal.screen).not.toMatch(/error|exception| at /i);
});

test.each<[key: string, presses: string[], status: number]>([
  ["Ctrl-D", [CTRL_D], 0],
  ["exit", ["exit put a 1", enter], 0],
])("%s ends with 0", async (_, presses, status) => {
  const { terminal, exit } = await adas();
  terminal.press(...presses);
  expect(await exit).toBe(status);
  expect(await ada.get("a")).toBeNull();
});

test("whoever leaves with commands under way is told which", async () => {
  const proxy = await FaultProxy.open(server.url);
  const { terminal, exit } = await adas({ url: proxy.url });
  proxy.hold("requests");
  terminal.press("put a 1", enter);
  await terminal.shows("put a: no answer yet.");
  terminal.press("put b 2", enter, "get c", enter);
  await terminal.fits((screen) => screen.split("queued").length === 3);
  terminal.press(CTRL_D);
  expect(await exit).toBe(0);
  await terminal.shows("* No answer came to: put a. It may have been done or not.\n* Not run: 2 queued lines.");
  await proxy.close();
});

test("logout ends the sign-in here and on the server, and asks who is next", async () => {
  const { terminal, credentials } = await adas();
  terminal.press("logout", enter);
  await terminal.shows("  Logged out.\nName (empty: anonymous guest):");
  expect(credentials.tokens.size).toBe(0);
  terminal.press("no name", enter);
  await terminal.shows("! A name has no spaces");
  terminal.press("carol", enter);
  await terminal.shows("Password of carol:");
  terminal.press("hers", enter);
  await terminal.shows("Signed in as carol, a guest.");
  await terminal.shows("carol@Guest__$");
  expect(terminal.written).not.toContain("hers");
});

test("a user who is deleted is told so, and may be another", async () => {
  const { terminal } = await adas();
  terminal.press("half a line");
  await terminal.shows("half a line");
  await server.deleteUser("ada");
  await terminal.shows("* Signed out. ");
  // The rest of the line is no name.
  terminal.press(" and its end", enter);
  await terminal.shows("Press Enter to sign in again:  and its end\nName (empty: anonymous guest):");
  await terminal.fits((screen) => screen.endsWith("Name (empty: anonymous guest):"));
});

test("what was typed is kept for the next time, readable by its owner alone; not what begins with a space", async () => {
  const first = await adas();
  first.terminal.press("put a 1", enter, " put secret 2", enter, "get a", enter, "get a", enter, CTRL_D);
  await first.exit;
  expect(await readFile(home.path("history"), "utf8")).toBe("put a 1\nget a\n");
  expect((await stat(home.path("history"))).mode & 0o777).toBe(0o600);
  const { terminal } = await adas();
  terminal.press("x", "\x7f", up);
  await terminal.shows(`${GUEST} get a`);
  terminal.press(up);
  await terminal.shows(`${GUEST} put a 1`);
  terminal.press(down, down);
  await terminal.is(`${terminal.screen.split("\n")[0] ?? ""}\n${GUEST}`);
  terminal.press("pu", up, enter);
  await terminal.shows(`${GUEST} put a 1\ndone\n`);
});

test("on a plain terminal all is added below, and nothing is drawn over", async () => {
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await adas({ isPlain: true });
  terminal.press("watch bob", enter);
  await terminal.shows("Watching bob's room: 0 keys.");
  terminal.press("get bob cit");
  await terminal.shows("get bob cit");
  await bob.put("city", "Rome");
  await terminal.shows(`bob put city = "Rome"\n${MANAGER} get bob cit`);
  terminal.press("y", enter);
  await terminal.shows(`${MANAGER} get bob city\nRome\n${MANAGER}`);
  expect(terminal.written).not.toMatch(/[\x1b\r]/);
});
