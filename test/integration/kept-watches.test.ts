import { EventEmitter, on } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type SavedPosition, type Store, type WatchEvent } from "../../client/sdk/index.ts";
import { KeptWatches } from "../../client/terminal/kept-watches.ts";
import { type RunningServer, startServer } from "../../server/server.ts";

const PASSPHRASE = "open sesame";

let folder: string;
let server: RunningServer;
let bob: Store;
const leaving: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyroom-"));
  await serve(0);
});

afterEach(async () => {
  for (const leave of leaving.splice(0)) leave();
  bob.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(port: number): Promise<void> {
  server = await startServer({ port, managerPassphrase: PASSPHRASE, accountsFile: join(folder, "accounts") });
  bob = await connect(server.url, { user: "bob", password: "right" });
}

/** A manager's menu, as far as it watches: it goes on with what was watched, and with `rooms`. */
async function signIn(...rooms: readonly string[]) {
  const store = await connect(server.url, { user: "ann", password: "right" });
  if (store.session.role === "guest") await store.upgrade(PASSPHRASE);
  const said: string[] = [];
  const warn = (sentence: string) => void said.push(sentence);
  const kept = new KeptWatches({ file: join(folder, "watches.json"), server: server.url, store, warn });
  const emitter = new EventEmitter();
  const seen = on(emitter, "event");
  const follow = (room: string, from?: SavedPosition) => {
    const watch = store.room(room).watch(from === undefined ? {} : { from });
    watch.on("event", (event) => emitter.emit("event", event));
    kept.follow(room, watch);
    return watch;
  };
  const earlier = kept.earlier();
  for (const { room, from } of earlier) follow(room, from);
  const watches = rooms.map((room) => follow(room));
  const event = async (): Promise<WatchEvent> => (await seen.next()).value[0];
  const leave = (): void => {
    kept.close();
    store.close();
    expect(said).toEqual([]);
  };
  leaving.push(leave);
  return { event, rooms: earlier.map(({ room }) => room), watches, store, leave };
}

test("who comes back is told what he missed, and nothing twice", async () => {
  const yesterday = await signIn("bob");
  expect(await yesterday.event()).toMatchObject({ kind: "snapshot", room: "bob" });
  await bob.put("a", "1");
  expect(await yesterday.event()).toMatchObject({ kind: "change", puts: [{ key: "a" }] });
  yesterday.leave();
  await bob.put("b", "2");
  await bob.delete("a");
  const today = await signIn();
  expect(today.rooms).toEqual(["bob"]);
  expect(await today.event()).toMatchObject({ kind: "change", puts: [{ key: "b", value: "2" }] });
  expect(await today.event()).toMatchObject({ kind: "change", deletes: ["a"] });
  await bob.put("c", "3");
  expect(await today.event()).toMatchObject({ kind: "change", puts: [{ key: "c" }] });
});

test("so it is with all rooms, each from where it stood", async () => {
  const yesterday = await signIn("*");
  for (let rooms = 0; rooms < 2; rooms++) expect(await yesterday.event()).toMatchObject({ kind: "snapshot" });
  yesterday.leave();
  await bob.put("b", "2");
  const today = await signIn();
  expect(today.rooms).toEqual(["*"]);
  expect(await today.event()).toMatchObject({ kind: "change", room: "bob", puts: [{ key: "b" }] });
});

test("where the server has forgotten, it begins with a gap", async () => {
  await bob.put("a", "1");
  const yesterday = await signIn("bob");
  await yesterday.event();
  yesterday.leave();
  bob.close();
  await server.close();
  await serve(Number(new URL(server.url).port));
  await bob.put("b", "2");
  const today = await signIn();
  expect(await today.event()).toMatchObject({ kind: "gap", reset: true, puts: [{ key: "b" }] });
});

test("what is watched no more, or may not be, is not there tomorrow", async () => {
  const yesterday = await signIn("bob", "ann", "nobody");
  const [, ann, nobody] = yesterday.watches;
  const refused = new Promise<void>((resolve) => nobody?.on("state", (state) => state === "closed" && resolve()));
  for (let rooms = 0; rooms < 2; rooms++) await yesterday.event();
  await refused;
  ann?.close();
  await yesterday.store.get("a");
  yesterday.leave();
  expect((await signIn()).rooms).toEqual(["bob"]);
});
