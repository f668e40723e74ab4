import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { Position, SavedPosition, Store, WatchListeners } from "../../client/sdk/index.ts";
import { KeptWatches, watchesFile } from "../../client/terminal/kept-watches.ts";
import { MOST_POSITIONS } from "../../client/terminal/watch-file.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

const SERVER = "http://127.0.0.1:3000";
const PERIOD_MS = 1_000;

let home: string;
let file: string;
let said: string[];
let opened: KeptWatches[];

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  home = await mkdtemp(join(tmpdir(), "keyroom-"));
  file = watchesFile({ XDG_STATE_HOME: home });
  said = [];
  opened = [];
});

afterEach(async () => {
  for (const kept of opened) kept.close();
  jest.useRealTimers();
  await rm(home, { recursive: true, force: true });
});

/** The part of a watch that is kept. */
class Standing {
  position: SavedPosition | null = null;
  readonly #listeners = new Set<(kind: "event" | "state") => void>();

  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void {
    const call = (kind: "event" | "state"): void => {
      if (kind === event) (listener as WatchListeners["state"])("closed", "");
    };
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  moveTo(position: SavedPosition | null): void {
    this.position = position;
    for (const call of this.#listeners) call("event");
  }

  async end(): Promise<void> {
    for (const call of [...this.#listeners]) call("state");
    await Promise.resolve();
  }
}

function at(revision: number): Position {
  return { epoch: "e", revision, tag: revision };
}

function open({ user = "ada", server = SERVER }: { user?: string; server?: string } = {}) {
  const state: { state: Store["state"] } = { state: "connected" };
  const session = { ...new FakeStore().session, user };
  const store = Object.assign(state, { session });
  const kept = new KeptWatches({ file, server, store, warn: (sentence) => said.push(sentence) });
  opened.push(kept);
  const follow = (room: string, position: SavedPosition | null = null): Standing => {
    const watch = new Standing();
    kept.follow(room, watch);
    watch.moveTo(position);
    return watch;
  };
  return { kept, store, follow, earlier: () => kept.earlier() };
}

test("who comes back finds the rooms, each with where to go on; nobody else does", () => {
  const ada = open();
  ada.follow("bob", at(7));
  ada.follow("*", { bob: at(9), constructor: at(3), __proto__x: at(4) });
  ada.follow("eve");
  ada.kept.close();
  expect(open().earlier()).toEqual([
    { room: "bob", from: at(7) },
    { room: "*", from: { bob: at(9), constructor: at(3), __proto__x: at(4) } },
    { room: "eve", from: undefined },
  ]);
  expect(open({ user: "bob" }).earlier()).toEqual([]);
  expect(open({ server: "http://127.0.0.1:3001" }).earlier()).toEqual([]);
  expect(said).toEqual([]);
});

test("a position is sent back as it came, with what a newer server has put into it", () => {
  const ada = open();
  ada.follow("bob", { ...at(7), shard: 3 } as Position);
  ada.kept.close();
  expect(open().earlier()).toEqual([{ room: "bob", from: { ...at(7), shard: 3 } }]);
});

test("it is written a while after something happened, however much did, and not at all where nothing does", async () => {
  const ada = open();
  const bob = ada.follow("bob", at(1));
  for (let revision = 2; revision < 100; revision++) bob.moveTo(at(revision));
  expect(open().earlier()).toEqual([]);
  jest.advanceTimersByTime(PERIOD_MS);
  expect(open().earlier()).toEqual([{ room: "bob", from: at(99) }]);
  const { mtimeMs } = await stat(file);
  jest.advanceTimersByTime(60_000);
  ada.kept.close();
  open().kept.close();
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
});

test("only its owner can read it, and nothing else is left lying about", async () => {
  open().follow("bob", at(1));
  jest.advanceTimersByTime(PERIOD_MS);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
  expect(await readdir(dirname(file))).toEqual(["watches.json"]);
});

test("a watch that ends while the store is open is forgotten; all that end with the store are kept", async () => {
  const ada = open();
  const [bob, eve] = [ada.follow("bob", at(1)), ada.follow("eve", at(2))];
  await bob.end();
  jest.advanceTimersByTime(PERIOD_MS);
  expect(open().earlier()).toEqual([{ room: "eve", from: at(2) }]);
  const ended = eve.end();
  ada.store.state = "closed";
  await ended;
  ada.kept.close();
  expect(open().earlier()).toEqual([{ room: "eve", from: at(2) }]);
});

test("a room that is watched anew in the same turn is kept", async () => {
  const ada = open();
  const ended = ada.follow("bob", at(1)).end();
  ada.follow("bob", at(5));
  await ended;
  ada.kept.close();
  expect(open().earlier()).toEqual([{ room: "bob", from: at(5) }]);
});

test("of several menus the last writer counts, room by room", async () => {
  const [first, second, other] = [open(), open(), open({ user: "bob" })];
  const bob = first.follow("bob", at(1));
  first.follow("eve", at(2));
  second.follow("bob", at(8));
  other.follow("bob", at(30));
  const cleo = second.follow("cleo", at(3));
  jest.advanceTimersByTime(PERIOD_MS);
  bob.moveTo(at(9));
  await cleo.end();
  for (const menu of [second, first, other]) menu.kept.close();
  expect(new Set(open().earlier())).toEqual(
    new Set([
      { room: "bob", from: at(9) },
      { room: "eve", from: at(2) },
    ]),
  );
  expect(open({ user: "bob" }).earlier()).toEqual([{ room: "bob", from: at(30) }]);
});

test("all rooms take the place of single ones, also of those that another menu watched", () => {
  open().follow("bob", at(1));
  jest.advanceTimersByTime(PERIOD_MS);
  open().follow("*", { bob: at(2) });
  jest.advanceTimersByTime(PERIOD_MS);
  expect(open().earlier()).toEqual([{ room: "*", from: { bob: at(2) } }]);
});

test("another's update is waited for, without holding anything up; at the end not for ever", async () => {
  const ada = open();
  ada.follow("bob", at(1));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.lock`, "");
  jest.advanceTimersByTime(PERIOD_MS);
  expect(ada.earlier()).toEqual([]);
  await rm(`${file}.lock`);
  jest.advanceTimersByTime(PERIOD_MS);
  expect(ada.earlier()).toEqual([{ room: "bob", from: at(1) }]);
  ada.follow("eve", at(2));
  await writeFile(`${file}.lock`, "");
  ada.kept.close();
  expect(open().earlier()).toHaveLength(2);
  expect(await readFile(`${file}.lock`, "utf8")).toBe("");
});

test.each([
  "",
  "{",
  '{"watches":[{"room":1}]}',
  watchOf("*", at(1)),
  watchOf("bob", { eve: at(1) }),
  watchOf("a b", null),
])("that the file is damaged (%j) is said once, and it is replaced", async (text) => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  const ada = open();
  expect(ada.earlier()).toEqual([]);
  ada.follow("bob", at(1));
  ada.kept.close();
  expect(said).toEqual([`The list of rooms you watched, ${file}, is damaged. It will be replaced.`]);
  expect(open().earlier()).toEqual([{ room: "bob", from: at(1) }]);
});

function watchOf(room: string, from: unknown): string {
  return JSON.stringify({ watches: [{ server: SERVER, user: "ada", room, from, at: 1 }] });
}

test("where nothing can be kept, that is said once, and is in nobody's way", async () => {
  await writeFile(join(home, "keyroom"), "a file where the folder should be");
  const ada = open();
  const bob = ada.follow("bob", at(1));
  jest.advanceTimersByTime(PERIOD_MS);
  bob.moveTo(at(2));
  jest.advanceTimersByTime(PERIOD_MS);
  ada.kept.close();
  expect(said).toEqual([`Cannot keep in ${file} which rooms you watch: a part of the path is no folder.`]);
});

test("a file that cannot be read is said in words", async () => {
  await mkdir(file, { recursive: true });
  expect(open().earlier()).toEqual([]);
  expect(said).toEqual([`Cannot read in ${file} which rooms you watched: it is a folder.`]);
});

test("the file is bounded: what moved last stays", async () => {
  const many = Array.from({ length: MOST_POSITIONS - 1 }, (_, i): [string, Position] => [`room${i}`, at(i)]);
  const old = open();
  old.follow("bob", at(1));
  old.kept.close();
  jest.advanceTimersByTime(1);
  const middle = open({ user: "eve" });
  middle.follow("bob", at(2));
  middle.kept.close();
  jest.advanceTimersByTime(1);
  const ada = open({ user: "cleo" });
  ada.follow("*", Object.fromEntries(many));
  ada.kept.close();
  expect(open({ user: "eve" }).earlier()).toHaveLength(1);
  expect(open().earlier()).toEqual([]);
  ada.follow("*", Object.fromEntries([...many, ["one", at(1)], ["two", at(2)]]));
  ada.kept.close();
  const [all] = open({ user: "cleo" }).earlier();
  expect(Object.keys(all?.from ?? {})).toHaveLength(MOST_POSITIONS);
  expect((await stat(file)).size).toBeLessThan(1_000_000);
});

/** A process that watches a room, and is ended at once by a signal or by itself. */
async function runAndEnd(room: string, end: string): Promise<unknown[]> {
  const module = fileURLToPath(new URL("../../client/terminal/kept-watches.ts", import.meta.url));
  const program = `
    const { KeptWatches } = await import(${JSON.stringify(module)});
    const store = { session: { user: "ada" }, state: "connected" };
    const kept = new KeptWatches({ file: ${JSON.stringify(file)}, server: "${SERVER}", store, warn: console.error });
    kept.follow("${room}", { position: ${JSON.stringify(at(7))}, on: () => () => {} });
    ${end === "exit" ? "process.exit(0)" : `process.kill(process.pid, "${end}"); setTimeout(() => {}, 60_000)`};`;
  const args = ["--import", "tsx", "--input-type=module", "-e", program];
  return once(spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }), "exit");
}

test.each(["SIGTERM", "SIGHUP", "exit"])(
  "what is to be written soon is written when %s ends the process",
  async (end) => {
    expect(await runAndEnd("bob", end)).toEqual(end === "exit" ? [0, null] : [null, end]);
    expect(open().earlier()).toEqual([{ room: "bob", from: at(7) }]);
  },
);

test("processes that end together lose nothing of each other", async () => {
  const rooms = ["bob", "cleo", "dora", "eve"];
  await Promise.all(rooms.map((room) => runAndEnd(room, "SIGTERM")));
  expect(
    open()
      .earlier()
      .map(({ room }) => room)
      .sort(),
  ).toEqual(rooms);
});
