import { readFile, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "../support/cli-process.ts";
import { WatchProcess } from "../support/cli-watch.ts";
import { FaultProxy } from "../support/proxy.ts";

// Each test starts processes, and a loaded machine takes its time.
jest.setTimeout(60_000);

const PASSPHRASE = "open sesame";
const ANN = { KEYROOM_USER: "ann", KEYROOM_PASSWORD: "right" };

let server: RunningServer;
let home: Home;
let ann: Store;
let bob: Store;
const started: WatchProcess[] = [];

beforeEach(async () => {
  home = await Home.make();
  await serve(0);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.end("SIGKILL")));
  ann.close();
  bob.close();
  await server.close();
  await home.remove();
});

async function serve(port: number, accountsFile = home.path("accounts")): Promise<void> {
  server = await startServer({ port, managerPassphrase: PASSPHRASE, accountsFile });
  ann = await connect(server.url, { user: "ann", password: "right" });
  bob = await connect(server.url, { user: "bob", password: "right" });
  await ann.upgrade(PASSPHRASE);
}

/** `watch …` as Ann, a manager. */
function watch(url: string, ...words: readonly string[]): WatchProcess {
  const { hostname, port } = new URL(url);
  const process = new WatchProcess(home.spawn([hostname, port, ...words], ANN));
  started.push(process);
  return process;
}

function change(room: string, key: string, value: string): object {
  return { kind: "change", room, by: room, puts: [{ key, value, updatedBy: room }], deletes: [] };
}

test("prints what is there, then each change at once, until Ctrl-C ends it with 130", async () => {
  await ann.put("city", "Kolkata");
  const process = watch(server.url, "watch");
  expect(await process.event()).toEqual({
    kind: "snapshot",
    reset: true,
    room: "ann",
    position: { epoch: expect.any(String), revision: 1, tag: expect.any(Number) },
    puts: [await ann.get("city")],
    deletes: [],
  });
  await ann.put("city", "Paris \u001b[31m");
  expect(await process.event()).toMatchObject(change("ann", "city", "Paris \u001b[31m"));
  await ann.delete("city");
  expect(await process.event()).toMatchObject({ kind: "change", puts: [], deletes: ["city"] });
  expect(await process.end("SIGINT")).toBe(130);
  expect(await process.sentence()).toBeNull();
});

test("a key, a prefix, another's room, and all rooms with those born later", async () => {
  const key = watch(server.url, "watch", "--key", "city", "--room", "bob");
  const prefix = watch(server.url, "--room", "bob", "watch", "--prefix=ci");
  const all = watch(server.url, "watch", "--room", "*");
  const begun = [await all.event(), await all.event()].map((event) => event?.room);
  expect(begun.sort()).toEqual(["ann", "bob"]);
  for (const process of [key, prefix]) expect(await process.event()).toMatchObject({ kind: "snapshot", room: "bob" });
  await bob.put("other", "1");
  await bob.put("cinema", "2");
  await bob.put("city", "Lisbon");
  expect(await prefix.event()).toMatchObject(change("bob", "cinema", "2"));
  for (const process of [key, prefix]) expect(await process.event()).toMatchObject(change("bob", "city", "Lisbon"));
  for (const name of ["other", "cinema", "city"]) {
    expect(await all.event()).toMatchObject({ room: "bob", puts: [{ key: name }] });
  }
  const cleo = await connect(server.url, { user: "cleo", password: "right" });
  expect(await all.event()).toMatchObject({ kind: "snapshot", room: "cleo", puts: [] });
  await cleo.put("a", "1");
  expect(await all.event()).toMatchObject(change("cleo", "a", "1"));
  cleo.close();
});

test("a cut is said, and what happened meanwhile follows", async () => {
  const proxy = await FaultProxy.open(server.url);
  const process = watch(proxy.url, "watch", "--room", "bob");
  await process.event();
  proxy.hold("answers");
  await bob.put("a", "1");
  proxy.cut();
  await bob.put("b", "2");
  expect(await process.sentence()).toMatch(/^keyroom: Reconnecting: \S/);
  expect(await process.sentence()).toBe("keyroom: Live again.");
  expect(await process.event()).toMatchObject(change("bob", "a", "1"));
  expect(await process.event()).toMatchObject(change("bob", "b", "2"));
  await proxy.close();
});

test("a restarted server that knows neither keys nor tokens: the password leads back, and what is lost is told", async () => {
  await ann.put("a", "1");
  const { hostname, port } = new URL(server.url);
  // From now on a token is kept, so that the password is not needed to begin with.
  await home.run([hostname, port, "whoami"], ANN);
  const process = watch(server.url, "watch");
  await process.event();
  for (const store of [ann, bob]) store.close();
  await server.close();
  await serve(Number(port), home.path("accounts of another life"));
  await ann.put("b", "2");
  const gap = await process.event();
  expect(gap).toMatchObject({ kind: "gap", reset: false, room: "ann", deletes: ["a"] });
  if (gap?.kind === "gap" && gap.puts.length === 0) {
    expect(await process.event()).toMatchObject(change("ann", "b", "2"));
  } else expect(gap).toMatchObject({ puts: [{ key: "b", value: "2" }] });
  const sentences: (string | null)[] = [];
  const says = (part: string) => sentences.some((it) => it === null || it.includes(part));
  while (!(says("Live again.") && says("Gap in the room of ann"))) sentences.push(await process.sentence());
  expect(sentences).not.toContain(null);
  expect(sentences[0]).toMatch(/^keyroom: Reconnecting: /);
});

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "a position kept until %s is where the next run goes on",
  async (signal) => {
    const file = home.path("position");
    const words = ["watch", "--room", "bob", "--from", file, "--save", file];
    const first = watch(server.url, ...words);
    expect(await first.sentence()).toBe(`keyroom: There is no ${file} yet: beginning with everything that is there.`);
    await first.event();
    await bob.put("a", "1");
    const seen = await first.event();
    if (signal === "SIGKILL") {
      // Nothing can be done then: it is written a moment after the event.
      const kept = () => readFile(file, "utf8").catch(() => "");
      for (let text = ""; !text.includes('"revision":1,'); text = await kept());
    }
    expect(await first.end(signal)).toBe(signal === "SIGINT" ? 130 : signal);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(seen?.kind === "change" ? seen.position : null);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await bob.put("b", "2");
    const second = watch(server.url, ...words);
    expect(await second.event()).toMatchObject(change("bob", "b", "2"));
  },
);

test("the positions of all rooms are kept too, without those that are gone", async () => {
  const file = home.path("positions");
  const first = watch(server.url, "watch", "--room", "*", "--save", file);
  for (let rooms = 0; rooms < 2; rooms++) await first.event();
  await bob.put("a", "1");
  await first.event();
  await first.end("SIGINT");
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ ann: { revision: 0 }, bob: { revision: 1 } });
  await bob.put("b", "2");
  const second = watch(server.url, "watch", "--room", "*", "--from", file);
  expect(await second.event()).toMatchObject(change("bob", "b", "2"));
});

test("with --strict a gap ends it with 8, after its line; the saved position is behind it", async () => {
  await bob.put("a", "1");
  const file = home.path("position");
  await writeFile(file, JSON.stringify({ epoch: "of another life", revision: 7, tag: 7 }));
  const process = watch(server.url, "--strict", "watch", "--room", "bob", "--from", file, "--save", file);
  expect(await process.event()).toMatchObject({ kind: "gap", reset: true, puts: [{ key: "a" }] });
  expect(await process.ended()).toBe(8);
  expect(await process.sentence()).toMatch(/^keyroom: Gap in the room of bob: /);
  expect(await process.sentence()).toBe("keyroom: watch: Single changes in the room of bob are lost.");
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ revision: 1 });
});

test("a reader who goes away ends it quietly with 0", async () => {
  const process = watch(server.url, "watch");
  await process.event();
  process.child.stdout?.destroy();
  await ann.put("a", "1");
  expect(await process.ended()).toBe(0);
  expect(await process.sentence()).toBeNull();
});

test("a refusal and a lost right end it with 4, a deleted room with 0 and its last line", async () => {
  const refused = watch(server.url, "watch", "--room", "nobody");
  expect(await refused.ended()).toBe(3);
  expect(await refused.sentence()).toMatch(/^keyroom: watch: .*nobody.*\(not_found\)$/);
  const demoted = [watch(server.url, "watch", "--room", "bob"), watch(server.url, "watch", "--room", "*")];
  for (const process of demoted) await process.event();
  await ann.promote("bob");
  await bob.demote("ann");
  for (const process of demoted) {
    expect(await process.ended()).toBe(4);
    expect(await process.sentence()).toMatch(/^keyroom: watch: .*\(forbidden\)$/);
  }
});

test("a deleted room ends it with 0, and with its last line", async () => {
  await ann.close();
  await bob.close();
  await server.close();
  server = await startServer({ port: 0, accounts: "name", upgrade: "open" });
  ann = await connect(server.url, { user: "boss" });
  bob = await connect(server.url, { user: "bob" });
  const { hostname, port } = new URL(server.url);
  const words = ["--user", "ann", hostname, port, "upgrade", "watch", "--room", "bob"];
  const process = new WatchProcess(home.spawn(words));
  started.push(process);
  await process.event();
  await bob.put("a", "1");
  await process.event();
  await bob.logout();
  expect(await process.event()).toMatchObject({ kind: "change", by: "system", deletes: ["a"] });
  expect(await process.event()).toEqual({ kind: "end", room: "bob", reason: "The room was deleted." });
  expect(await process.ended()).toBe(0);
  expect(await process.sentence()).toBeNull();
});

test("what cannot be read or kept is said in a sentence", async () => {
  const missing = watch(server.url, "watch", "--from", home.path("nothing"));
  expect(await missing.ended()).toBe(1);
  expect(await missing.sentence()).toMatch(/^keyroom: watch: Cannot read --from .*: no such file or folder\.$/);
  await writeFile(home.path("odd"), '{"ann": 1}');
  const odd = watch(server.url, "watch", "--from", home.path("odd"));
  expect(await odd.ended()).toBe(1);
  expect(await odd.sentence()).toMatch(/does not hold a position of one room/);
  const unkept = watch(server.url, "watch", "--save", home.path("no", "such", "folder"));
  expect(await unkept.ended()).toBe(1);
  expect(await unkept.sentence()).toMatch(/^keyroom: watch: Cannot save the position in .*: no such file or folder\.$/);
});
