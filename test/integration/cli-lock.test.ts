import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Store } from "../../client/sdk/index.ts";
import { Home } from "../support/cli-process.ts";
import { WatchProcess } from "../support/cli-watch.ts";
import { FaultProxy } from "../support/proxy.ts";
import { starter } from "../support/start.ts";

// Each test starts processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

const open = starter();
const ANN = { KEYROOM_USER: "ann", KEYROOM_PASSWORD: "right" };
/** Goes on until it is ended, and so does what it starts. */
const GO_ON = `echo '"begin"'; sleep 1000 & wait`;

let home: Home;
let ann: Store;
let at: readonly string[];

beforeEach(async () => {
  home = await Home.make();
  open.closing(() => home.remove());
  const server = await open.serve();
  const { hostname, port } = new URL(server.url);
  at = [hostname, port];
  ann = await open.store(server.url, { user: "ann", password: "right" });
});

const started = new Set<WatchProcess>();

afterEach(async () => {
  const left = [...started];
  started.clear();
  for (const it of left) await it.end("SIGTERM");
});

function lock(...words: readonly string[]): WatchProcess {
  const child = new WatchProcess(home.spawn([...at, "lock", ...words], ANN));
  started.add(child);
  return child;
}

/** What stands behind `--` for a keyroom inside the command. */
function nested(...words: readonly string[]): string {
  return [process.execPath, "--import", "tsx", "client/main.ts", ...at, ...words].join(" ");
}

test("the command runs while the keys are locked, knows of it, and its writes count as the holder's", async () => {
  const script = `printf '["%s","%s",%s]\\n' "$LOCK_FENCE" "$LOCK_ROOM" "$LOCK_KEYS"; read go; ${nested("put", "city", "Rome", "put", "other", "1")}`;
  const it = lock("city", "country", "--", "sh", "-c", script);
  const [fence, room, keys] = JSON.parse(JSON.stringify(await it.event()));
  expect([room, keys]).toEqual(["ann", ["city", "country"]]);
  expect((await ann.locks()).holders).toMatchObject([
    { key: "city", mode: "exclusive", user: "ann", fence: Number(fence), mine: false },
    { key: "country", fence: Number(fence) },
  ]);
  await expect(ann.put("city", "Paris")).rejects.toMatchObject({ code: "locked" });
  it.child.stdin?.end("go\n");
  expect([await it.sentence(), await it.ended()]).toEqual([null, 0]);
  const { entries } = await ann.read(["city", "other"]);
  expect(entries.map(({ value }) => value)).toEqual(["Rome", "1"]);
  // Given up before it ended, not after the session's grace.
  await ann.put("city", "Paris");
});

test("an import inside the command counts as the holder's for the keys of the lock, and for no others", async () => {
  const input = ["city", "other"].map((key) => JSON.stringify({ key, value: "1" })).join("\n");
  const it = lock("city", "--", "sh", "-c", nested("import"));
  it.child.stdin?.end(input);
  expect([await it.sentence(), await it.ended()]).toEqual(["keyroom: Imported 2 keys.", 0]);
  const { entries } = await ann.read(["city", "other"]);
  expect(entries.map(({ value }) => value)).toEqual(["1", "1"]);
});

test("a lock inside the command is one of its own: there, keys of the outer lock are somebody else's", async () => {
  const inner = nested("lock", "country", "--", ...nested("put", "country", "Italy", "put", "city", "Rome").split(" "));
  const it = lock("city", "--", "sh", "-c", inner);
  expect(await it.sentence()).toMatch(/^keyroom: put city: The key "city" is locked by ann .*\(locked\)$/);
  expect(await it.ended()).toBe(5);
  expect(await ann.get("country")).toMatchObject({ value: "Italy" });
});

test("a write to a locked key ends with 5 and says by whom, or waits for its turn", async () => {
  await ann.lock(["city"]);
  const refused = await home.run([...at, "put", "city", "Rome"], ANN);
  expect(refused).toMatchObject({ exit: 5, out: "" });
  expect(refused.err).toMatch(
    /^keyroom: put city: The key "city" is locked by ann \(exclusive, for .*\. Wait for it with --wait TIME, or try again later\. \(locked\)\n$/,
  );
  const waits = home.run([...at, "put", "city", "Rome", "--wait", "1m"], ANN);
  await ann.followLocks(({ waiters }) => {
    if (waiters.length > 0) ann.unlock(["city"]).catch(() => undefined);
  });
  expect(await waits).toMatchObject({ exit: 0, err: "" });
});

test("whoever comes second says behind whom it waits, and runs when the first has ended", async () => {
  const first = lock("city", "--", "sh", "-c", `echo '"first"'; read go`);
  await first.event();
  const second = lock("city", "--", "sh", "-c", `echo '"second"'`);
  expect(await second.sentence()).toBe("keyroom: Waiting for the lock on city, behind ann.");
  const refused = await home.run([...at, "lock", "city", "--no-wait", "--", "echo", "in"], ANN);
  expect(refused).toMatchObject({ exit: 5, out: "", err: expect.stringContaining('"city" is locked by ann') });
  const { out } = await home.run([...at, "locks"], ANN);
  expect(out).toMatch(/^city\texclusive\tann\t\S+\ncity\texclusive\tann\t\S+\tbehind ann\n$/);
  first.child.stdin?.end("go\n");
  expect(await second.event()).toBe("second");
  expect([await first.ended(), await second.ended()]).toEqual([0, 0]);
});

test("shared locks are held together, and neither command may write", async () => {
  const script = `echo '"in"'; ${nested("put", "city", "Rome")}; code=$?; read go; exit $code`;
  const both = [lock("city", "--shared", "--", "sh", "-c", script), lock("city", "--shared", "--", "sh", "-c", script)];
  for (const it of both) expect(await it.event()).toBe("in");
  expect((await ann.locks()).holders.map(({ mode }) => mode)).toEqual(["shared", "shared"]);
  for (const it of both) expect(await it.sentence()).toMatch(/^keyroom: put city: The fence .*\(stale_fence\)$/);
  for (const it of both) it.child.stdin?.end("go\n");
  for (const it of both) expect(await it.ended()).toBe(5);
});

test("when the lock is lost, the command is stopped with all that it has started, and it ends with 5", async () => {
  const it = lock("city", "--lease", "500ms", "--", "sh", "-c", GO_ON);
  await it.event();
  expect(await it.sentence()).toBe("keyroom: The lock is lost: stopping the command.");
  expect(await it.sentence()).toMatch(/^keyroom: lock city: The lock was lost: .*\(stale_fence\)$/);
  // Whoever holds the output is waited for: all have ended.
  expect(await it.ended()).toBe(5);
});

test.each([
  [["sh", "-c", "exit 3"], 3, ""],
  [["sh", "-c", "kill -KILL $$"], 137, ""],
  [["/nowhere/to be found"], 127, "keyroom: Cannot run /nowhere/to be found: not found.\n"],
  [["/"], 126, "keyroom: Cannot run /: permission denied.\n"],
])("%j ends it with %i", async (command, exit, err) => {
  expect(await home.run([...at, "lock", "city", "--", ...command], ANN)).toEqual({ exit, out: "", err });
  expect((await ann.locks()).holders).toEqual([]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s gives up the wait on the server, too", async (signal, exit) => {
  await ann.lock(["city"]);
  const it = lock("city", "--", "echo", '"in"');
  await it.sentence();
  expect(await it.end(signal)).toBe(exit);
  expect(await it.event()).toBeNull();
  expect((await ann.locks()).waiters).toEqual([]);
});

test.each(["SIGINT", "SIGTERM"] as const)("while the command runs, %s is for the command", async (signal) => {
  const trap = `trap 'echo "\\"told\\""; exit 7' ${signal.slice(3)}`;
  const it = lock("city", "--", "sh", "-c", `${trap}; echo '"begin"'; while :; do sleep 0.01; done`);
  expect(await it.event()).toBe("begin");
  it.child.kill(signal);
  expect(await it.event()).toBe("told");
  expect(await it.ended()).toBe(7);
  expect((await ann.locks()).holders).toEqual([]);
});

test("behind the command's end a signal ends this process, too, though the server cannot be told", async () => {
  const proxy = await FaultProxy.open(`http://${at.join(":")}`);
  open.closing(() => proxy.close());
  at = proxy.url.replace("http://", "").split(":");
  const it = lock("city", "--timeout", "3600", "--", "sh", "-c", `echo '"begin"'; read go; echo '"end"'`);
  expect(await it.event()).toBe("begin");
  proxy.hold("requests");
  it.child.stdin?.end("go\n");
  expect(await it.event()).toBe("end");
  // It may not have heard of the end yet: then the signal is for the command.
  const again = setInterval(() => it.child.kill("SIGTERM"), 100);
  expect(await it.ended()).toBe("SIGTERM");
  clearInterval(again);
});
