import type { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "@jest/globals";
import { FRAME_MS } from "../../client/live/frames.ts";
import { type LiveOptions, runLive } from "../../client/live/live.ts";
import { LiveScreen } from "../../client/live/live-screen.ts";
import type { Store } from "../../client/sdk/index.ts";
import { Interrupted } from "../../client/terminal/question.ts";
import type { RunningServer } from "../../server/server.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";
import { KEYS, VirtualTerminal } from "../support/virtual-terminal.ts";

const start = starter();
let server: RunningServer;
let bob: Store;
let cleo: Store;
beforeEach(async () => {
  server = await start.serve({ upgrade: "open" });
  bob = await join("bob");
  cleo = await join("cleo");
});

function join(user: string, url = server.url): Promise<Store> {
  return start.store(url, { user, password: "right" });
}

async function manager(url?: string): Promise<Store> {
  const ada = await join("ada", url);
  await ada.upgrade();
  return ada;
}

function open(store: Store, options: Partial<LiveOptions> = {}, columns = 80) {
  const terminal = new VirtualTerminal(columns, 18);
  const live = { store, rooms: ["*"], server: "the server", io: terminal, end: null, plain: false, ...options };
  const done = runLive(live);
  start.closing(() => close(terminal, done));
  return { terminal, done };
}

async function close(terminal: VirtualTerminal, done: Promise<void>): Promise<void> {
  terminal.hangUp();
  await done.catch(() => undefined);
  terminal.close();
}

/** A live view whose inner figures can be seen, and what ends it. */
function openScreen(store: Store) {
  const terminal = new VirtualTerminal(100, 30);
  const screen = new LiveScreen({ store, rooms: ["*"], server: "s", io: terminal, isUnicode: true });
  const done = screen.run(null);
  start.closing(() => close(terminal, done));
  const leave = async (): Promise<void> => {
    terminal.press("q");
    await done;
  };
  return { terminal, screen, leave };
}

/** What is on the screen, without what depends on the time that has passed. */
function steady(screen: string): string {
  return screen
    .replace(/\d\d:\d\d:\d\d/g, "hh:mm:ss")
    .replace(/^(.)•/gm, "$1 ")
    .replace(/ +(now|\d+ s)$/gm, "    age")
    .replace(/[ ▁▂▃▄▅▆▇█]+[\d.]+\/s/g, " (rate)")
    .replace(/[\d.]+ changes\/s/, "n changes/s");
}

test("two users' rooms as they change, newest first and as a table, and one key whole", async () => {
  await bob.put("city", "Kolkata");
  const { terminal, done } = open(await manager(), { rooms: ["bob", "cleo"] });
  await terminal.shows("● connected");
  await bob.put("city", "Lisbon");
  await cleo.put("note", "東京 \u001b[2J");
  await bob.delete("city");
  const newest = await terminal.shows("deleted");
  expect(steady(newest)).toBe(`Live · the server · bob, cleo · ● connected · n changes/s
bob (rate)   cleo (rate)
  time      room  by    change
  hh:mm:ss  bob   bob   city deleted
  hh:mm:ss  cleo  cleo  note = "東京 \\u001b[2J"
  hh:mm:ss  bob   bob   city = "Lisbon"










── newest first ───────────────────────────────────────────────────────────────
t table · r room · / keys · space pauses · ↑↓ choose · ⏎ open · q back`);
  await bob.put("city", "Porto");
  terminal.press("t", KEYS.down);
  const table = await terminal.fits((text) => text.includes('"Porto"') && text.includes("❯"));
  expect(steady(table)).toContain(`
  room  key   value                                      revision  by       age
❯ bob   city  "Porto"                                           4  bob    age
  cleo  note  "東京 \\u001b[2J"                                  1  cleo    age
`);
  terminal.press(KEYS.enter);
  await terminal.shows("│ Porto");
  await bob.put("city", "one\ntwo");
  await terminal.shows("│ one\n│ two\n");
  const opened = await terminal.fits((text) => /^1 .*Kolkata/m.test(text));
  expect(steady(opened)).toContain(`
History, newest first
5  hh:mm:ss    bob  "one\\ntwo"
4  hh:mm:ss    bob  "Porto"
3  hh:mm:ss    bob  deleted
2  hh:mm:ss    bob  "Lisbon"
1  hh:mm:ss    bob  "Kolkata"
`);
  terminal.press(KEYS.escape);
  await terminal.shows(" 2 keys ");
  terminal.press(KEYS.escape);
  await done;
  await terminal.is("");
  expect([terminal.raw, terminal.cursorShown]).toEqual([false, true]);
});

test("with 1,000 changes a second it draws 15 frames a second, and every change is told", async () => {
  const { terminal, screen, leave } = openScreen(await manager());
  await terminal.shows("all rooms (3)");
  const [framesBefore, began] = [screen.frames, performance.now()];
  let sent = 0;
  while (sent < 3_000) {
    const due = Math.min(3_000, Math.floor(performance.now() - began)) - sent;
    await Promise.all(
      Array.from({ length: due }, () => (sent++ % 2 === 0 ? bob : cleo).put(`k${sent % 50}`, `${sent}`)),
    );
    await sleep(5);
  }
  await bob.put("last", "one");
  await terminal.shows('last = "one"');
  const frames = screen.frames - framesBefore;
  // One at once, and one for the last change; how few there may be depends on the machine.
  expect(frames).toBeLessThanOrEqual((performance.now() - began) / FRAME_MS + 2);
  expect(frames).toBeGreaterThan(1);
  expect(screen.changes).toBe(3_001);
  await leave();
});

test("a pause loses nothing, however much comes and though the line is cut meanwhile", async () => {
  const proxy = await FaultProxy.open(server.url);
  start.closing(() => proxy.close());
  const { terminal, screen, leave } = openScreen(await manager(proxy.url));
  await terminal.shows("all rooms (3)");
  terminal.press(" ");
  await terminal.shows("▌▌ paused\n");
  await cleo.put("a", "1");
  await terminal.shows("▌▌ paused, changes wait");
  // More than the watch keeps, so that the server is asked to stop and the log has to bring the rest.
  for (let i = 0; i < 24; i++) await Promise.all(Array.from({ length: 500 }, (_, n) => bob.put(`k${n}`, String(i))));
  proxy.cut();
  await terminal.shows("○ reconnecting");
  await cleo.put("b", "2");
  await bob.put("last", "one");
  await terminal.shows("● connected · ▌▌ paused, changes wait");
  expect(screen.changes).toBe(0);
  terminal.press(" ");
  await terminal.shows('last = "one"');
  await terminal.fits((text) => text.includes('b = "2"') && !text.includes("catching up"));
  expect(screen.changes).toBe(12_003);
  expect(terminal.screen).not.toContain("gap");
  await leave();
});

test("changes that were missed are a gap, in the list and in the header; the table has what is there", async () => {
  const proxy = await FaultProxy.open(server.url);
  start.closing(() => proxy.close());
  await bob.put("old", "1");
  const { terminal } = open(await manager(proxy.url), { rooms: ["ada"] });
  await terminal.shows("ada · ● connected");
  const other = await start.serve({ upgrade: "open" });
  await (await join("ada", other.url)).put("new", "2");
  // The same name in a room of another life, as after a restart that has forgotten all keys.
  proxy.leadTo(other.url);
  proxy.cut();
  await terminal.shows("1 gap");
  await terminal.shows("gap: changes were missed; 1 key differs");
  terminal.press("t");
  await terminal.shows('ada   new  "2"');
});

test("a lost right is told where the changes were, and the header says that nothing is watched", async () => {
  const ada = await manager();
  const { terminal } = open(ada);
  await terminal.shows("all rooms (3)");
  await ada.promote("bob");
  await bob.put("secret", "1");
  await terminal.shows('secret = "1"');
  await bob.demote("ada");
  await terminal.shows("not watched any more: You are no manager any more.");
  await terminal.shows("nothing is watched any more · ● connected");
  await bob.put("after", "2");
  terminal.press("t");
  await terminal.shows("Nothing is watched. q goes back.");
  expect(terminal.screen).not.toMatch(/secret|after/);
});

test.each([[false], [true]])(
  "what may not be watched is no view: it ends with the refusal (plain: %s)",
  async (plain) => {
    const forbidden = open(bob, { rooms: ["cleo"], plain });
    await expect(forbidden.done).rejects.toMatchObject({ code: "forbidden" });
    expect([forbidden.terminal.raw, forbidden.terminal.cursorShown]).toEqual([false, true]);
    if (!plain) await forbidden.terminal.is("");
    const ada = await manager();
    await expect(open(ada, { rooms: ["nobody"], plain }).done).rejects.toMatchObject({ code: "not_found" });
    const { terminal, done } = open(ada, { rooms: ["bob", "nobody"], plain });
    await terminal.shows("Not watching nobody");
    await bob.put("city", "Rome");
    await terminal.shows('city = "Rome"');
    terminal.press("q\r");
    await done;
  },
);

test("the history of a key with large values is asked for page by page", async () => {
  for (const letter of "abc") await bob.put("big", letter.repeat(1_048_576));
  const { terminal } = open(bob, { rooms: ["bob"] });
  await terminal.shows("● connected");
  terminal.press("t", KEYS.down, KEYS.enter);
  await terminal.shows("lines ──");
  terminal.press("\x1b[F");
  await terminal.fits((screen) => /^1 .*"a/m.test(screen) && /^2 .*"b/m.test(screen) && /^3 .*"c/m.test(screen));
});

test("it is drawn anew when the window has another size", async () => {
  const { terminal } = open(await manager());
  await terminal.shows("q back");
  const before = terminal.written.length;
  terminal.resize(40, 12);
  // Whatever the terminal has made of what was there.
  expect(terminal.written.slice(before)).toContain("\u001b[2J");
  await terminal.shows("all rooms (3)\n● connected · 0 changes/s\n");
  terminal.resize(100, 20);
  const screen = await terminal.shows(`── newest first ${"─".repeat(83)}\n`);
  expect(screen.split("\n")).toHaveLength(20);
});

/** In the plain view the terminal itself knows these keys. */
const ENDS: Readonly<
  Record<string, (open: { terminal: VirtualTerminal; end: AbortController; plain: boolean }) => void>
> = {
  "Ctrl-C": ({ terminal, plain }) => (plain ? process.emit("SIGINT") : terminal.press(KEYS.ctrlC)),
  "Ctrl-D": ({ terminal, plain }) => (plain ? terminal.hangUp() : terminal.press("\x04")),
  "the end of the keyboard": ({ terminal }) => terminal.hangUp(),
  "the caller": ({ end }) => end.abort(new Error("Signed out.")),
};

test.each(Object.keys(ENDS).flatMap((name) => [[name, false] as const, [name, true] as const]))(
  "%s ends it with the reason (plain: %s), and the terminal is as it was",
  async (name, plain) => {
    const end = new AbortController();
    const listeners = process.listenerCount("SIGTERM") + process.listenerCount("exit");
    const { terminal, done } = open(await manager(), { end: end.signal, plain });
    await terminal.shows("the server");
    expect(terminal.raw).toBe(!plain);
    ENDS[name]?.({ terminal, end, plain });
    await expect(done).rejects.toThrow(name === "the caller" ? new Error("Signed out.") : new Interrupted());
    expect([terminal.raw, terminal.cursorShown]).toEqual([false, true]);
    if (!plain) await terminal.is("");
    expect(process.listenerCount("SIGTERM") + process.listenerCount("exit")).toBe(listeners);
    expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(0);
  },
);

test("what is said of an exception comes on the screen that stays", async () => {
  const { terminal } = open(await manager());
  await terminal.shows("● connected");
  const emitter: EventEmitter = process;
  emitter.emit("uncaughtExceptionMonitor", new Error("Planted."), "uncaughtException");
  await terminal.is("");
  expect(terminal.cursorShown).toBe(true);
});

test("what has ended before is not begun", async () => {
  const ada = await manager();
  await expect(open(ada, { end: AbortSignal.abort(new Error("Over.")) }).done).rejects.toThrow("Over.");
  const { terminal, done } = open(ada);
  terminal.press("q");
  await done;
});

test("for a screen reader each thing is a line of its own, added at the end", async () => {
  const proxy = await FaultProxy.open(server.url);
  start.closing(() => proxy.close());
  const { terminal, done } = open(await manager(proxy.url), { rooms: ["bob"], plain: true });
  await terminal.shows("bob's room: 0 keys.");
  await bob.put("city", "Lis\u001b[2Jbon");
  await terminal.shows("bob put city");
  proxy.cut();
  await terminal.shows("Watching goes on.");
  terminal.press("what now?", "\r");
  await terminal.shows("Nothing is asked here.");
  terminal.press("<\r");
  await done;
  expect(steady(terminal.screen)).toBe(`Live changes on the server. q or <, then Enter, goes back.
hh:mm:ss Watching bob's room: 0 keys.
hh:mm:ss bob put city = "Lis\\u001b[2Jbon"
The connection to ${proxy.url} is lost (transport close).
Reconnecting…
Connected again.
Watching goes on.
Nothing is asked here. q or <, then Enter, goes back.`);
  expect(terminal.written).not.toContain("\u001b");
  expect(terminal.raw).toBe(false);
});
