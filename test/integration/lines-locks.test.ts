import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Store } from "../../client/sdk/index.ts";
import type { RunningServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { closeLines, openLines } from "../support/lines.ts";
import { starter } from "../support/start.ts";
import { KEYS, type VirtualTerminal } from "../support/virtual-terminal.ts";

const { enter } = KEYS;
const PASSPHRASE = "open sesame";
const open = starter();
let home: Home;
let server: RunningServer;
/** Another session of the user who types. */
let ada: Store;

beforeEach(async () => {
  home = await Home.make();
  open.closing(() => home.remove());
  server = await open.serve({ managerPassphrase: PASSPHRASE });
  ada = await open.store(server.url, { user: "ada", password: "right" });
});

afterEach(closeLines);

function adas() {
  return openLines({ url: server.url, historyFile: home.path("history"), as: ada });
}

function matches(terminal: VirtualTerminal, pattern: RegExp): Promise<string> {
  return terminal.fits(() => pattern.test(terminal.screen));
}

test("locks are taken, shown and given up, and nothing is kept when the user leaves", async () => {
  const { terminal, exit } = await adas();
  terminal.press("locks", enter);
  await terminal.shows("no locks\n");
  terminal.press("lock a b put a 1", enter);
  await matches(terminal, /done, fence \d+\ndone\n/);
  await expect(ada.put("a", "2")).rejects.toMatchObject({ code: "locked" });
  terminal.press("unlock a locks", enter);
  await matches(terminal, /done\nb: exclusive, ada \(you\), since 2\d{3}-/);
  await ada.put("a", "2");
  terminal.press("lock-shared c", enter);
  await matches(terminal, /done, fence.*done, fence/s);
  expect((await ada.lock(["c"], { mode: "shared" })).fence).toBeGreaterThan(0);
  await expect(ada.lock(["b"])).rejects.toMatchObject({ code: "locked" });
  terminal.press("q", enter);
  expect(await exit).toBe(0);
  await ada.lock(["b", "c"]);
});

test("a wait lets one type on, and its end is told above the prompt; unlock gives it up", async () => {
  await ada.lock(["a"]);
  const { terminal } = await adas();
  terminal.press("lock a", enter);
  await terminal.shows("waiting behind ada; unlock a gives it up\n");
  terminal.press("put b 1", enter);
  await terminal.shows("done\n");
  terminal.press("half a li");
  await ada.unlock(["a"]);
  await matches(terminal, /\* lock a: done, fence \d+\nada@Guest__\$ half a li$/);
  await expect(ada.put("a", "1")).rejects.toMatchObject({ code: "locked" });

  await ada.lock(["c"]);
  terminal.press("\x15lock c", enter);
  await terminal.shows("waiting behind ada; unlock c gives it up\n");
  terminal.press("unlock c", enter);
  await terminal.shows("* lock c: The wait was given up");
  expect((await ada.locks()).waiters).toEqual([]);
});

test("a wait that can never end, and a write to a locked key, are refused with who is in the way", async () => {
  await ada.lock(["a"]);
  const { terminal } = await adas();
  terminal.press("put a 1", enter);
  await matches(
    terminal,
    /! The key "a" is locked by ada \(exclusive, for .* now\)\.\s+Wait\s+for\s+it\s+with\s+lock,/,
  );
  terminal.press("lock b", enter);
  await terminal.shows("done, fence");
  const waits = ada.lock(["b"], { waitMs: 10_000 });
  await new Promise<void>((resolve) => {
    const stop = ada.on("locks", ({ waiting }) => {
      if (waiting === undefined) return;
      stop();
      resolve();
    });
  });
  terminal.press("lock a", enter);
  await terminal.shows("! This wait would never end");
  terminal.press("unlock b", enter);
  await waits;
});

test("lifetimes and undo, also in the rooms of others", async () => {
  const bob = await open.store(server.url, { user: "bob", password: "right" });
  await bob.put("city", "Rome");
  await bob.put("city", "Oslo");
  await ada.upgrade(PASSPHRASE);
  const { terminal } = await adas();
  terminal.press("undo bob 2 touch bob city 1h touch missing never put a 1 undo 1 undo 1", enter);
  await matches(terminal, /done\ndone\nkey not found\ndone\ndone\n! .*\n/);
  const city = await bob.get("city");
  expect(city?.value).toBe("Rome");
  expect(city?.expiresAt).toBeGreaterThan(0);
  expect(await ada.get("a")).toBeNull();
  terminal.press("touch a soon undo x", enter);
  await terminal.shows('! "soon" is no time: write 10s, 5m, 1h or 2d, or a number of ms, or never.');
  await terminal.shows('! "x" is no revision, which is a whole number.');
});

test("in a pipe, lock answers with the fence when it is served, and the end gives it up", async () => {
  const { hostname, port } = new URL(server.url);
  await ada.lock(["a"]);
  await ada.followLocks(({ waiters }) => {
    if (waiters.length > 0) ada.unlock(["a"]).catch(() => undefined);
  });
  const env = { KEYROOM_USER: "ada", KEYROOM_PASSWORD: "right" };
  const { exit, out, err } = await home.run(
    [hostname, port, "--lines"],
    env,
    "lock a b\nput a 1\nlocks\ntouch a soon\n",
  );
  expect(out).toMatch(/^\d+\ndone\na: exclusive, ada \(you\), since \S+\nb: exclusive, ada \(you\), since \S+\n$/);
  expect(err).toMatch(/^keyroom: touch a: "soon" is no time: .* \(invalid\)\n$/);
  expect(exit).toBe(2);
  await ada.lock(["a", "b"]);
});
