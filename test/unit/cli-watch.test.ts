import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { parseArguments } from "../../client/cli/arguments.ts";
import type { Context } from "../../client/cli/command.ts";
import { readPosition } from "../../client/cli/position-file.ts";
import { follow } from "../../client/cli/watch.ts";
import { EventBuffer } from "../../client/sdk/event-buffer.ts";
import type {
  Room,
  SavedPosition,
  Store,
  StoreEvents,
  Watch,
  WatchEvent,
  WatchListeners,
  WatchState,
} from "../../client/sdk/index.ts";

const AT = ["127.0.0.1", "3000"];

/** A watch that does what the test says. */
class ScriptedWatch implements Watch {
  readonly events = new EventBuffer();
  state: WatchState = "connecting";
  position: SavedPosition | null = null;
  readonly entries = new Map();
  readonly rooms = new Map();
  #onState: WatchListeners["state"] = () => undefined;

  enter(state: WatchState, why = ""): void {
    this.state = state;
    this.#onState(state, why);
  }

  on<E extends keyof WatchListeners>(event: E, listener: WatchListeners[E]): () => void {
    if (event === "state") this.#onState = listener as WatchListeners["state"];
    return () => undefined;
  }

  close(): void {
    this.state = "closed";
    this.events.end(undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    for (let taken = await this.events.take(); taken !== null; taken = await this.events.take()) yield taken;
  }
}

let folder: string;
let file: string;
let watch: ScriptedWatch;
let sentences: string[];
let printed: WatchEvent[];
let tellStore: StoreEvents["state"];
let storeState: Store["state"];
let listeners: number;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask"] });
  folder = mkdtempSync(join(tmpdir(), "keyroom-watch-"));
  file = join(folder, "position");
  watch = new ScriptedWatch();
  [sentences, printed] = [[], []];
  storeState = "reconnecting";
  listeners = process.listenerCount("exit") + process.listenerCount("SIGTERM");
});

afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true });
  expect(process.listenerCount("exit") + process.listenerCount("SIGTERM")).toBe(listeners);
});

/** What `follow` uses of a command's context. */
function context(some: Partial<Context> = {}): Context {
  const store = {
    state: storeState,
    on: (_event: "state", listener: StoreEvents["state"]) => {
      tellStore = listener;
      return () => undefined;
    },
  };
  const own = {
    store: store as unknown as Store,
    room: { watch: () => watch } as unknown as Room,
    roomName: "bob",
    save: file,
    print: async (event: object) => printed.push(event as WatchEvent) > 0,
    note: (sentence: string) => sentences.push(sentence),
  };
  return { ...own, ...some } as Context;
}

function at(revision: number): { epoch: string; revision: number; tag: number } {
  return { epoch: "e", revision, tag: revision };
}

function happens(revision: number): void {
  const change = { kind: "change", reset: false, room: "bob", at: 0, by: "bob", puts: [], deletes: ["a"] } as const;
  watch.position = at(revision);
  watch.events.push({ ...change, position: at(revision) });
}

/** Lets everything go on that does not wait for a timer. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function kept(): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

test("the kept position is behind what was printed, not behind what waits for a slow reader", async () => {
  let taken: (isRead: boolean) => void = () => undefined;
  const print = () => new Promise<boolean>((resolve) => (taken = resolve));
  const done = follow(context({ print }));
  watch.enter("live");
  for (const revision of [1, 2, 3]) happens(revision);
  await turn();
  jest.advanceTimersByTime(10_000);
  expect(() => kept()).toThrow("ENOENT");
  taken(true);
  await turn();
  jest.advanceTimersByTime(10_000);
  expect(kept()).toEqual(at(1));
  taken(true);
  await turn();
  taken(false);
  await done;
  expect(kept()).toEqual(at(2));
});

test("the positions of all rooms are put together when they are written, not for each event", async () => {
  const done = follow(context({ roomName: "*" }));
  for (let i = 0; i < 100; i++) {
    watch.events.push({ kind: "snapshot", reset: true, room: `r${i}`, position: at(i), puts: [], deletes: [] });
  }
  const fromEntries = jest.spyOn(Object, "fromEntries");
  await turn();
  watch.position = { all: at(1) };
  jest.advanceTimersByTime(200);
  expect([printed.length, fromEntries.mock.calls.length, kept()]).toEqual([100, 0, { all: at(1) }]);
  fromEntries.mockRestore();
  watch.close();
  await done;
});

test("a quiet watch's position is kept, too, and the last one when the process ends", async () => {
  const done = follow(context());
  watch.enter("live");
  happens(1);
  await turn();
  watch.position = at(50);
  jest.advanceTimersByTime(5_200);
  expect(kept()).toEqual(at(50));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  watch.position = at(60);
  process.listeners("exit").at(-1)?.call(process, 0);
  expect(kept()).toEqual(at(60));
  watch.close();
  await done;
  expect(printed).toHaveLength(1);
});

test("silence is explained: a late answer, each new reason of a lost connection, and its end", async () => {
  const done = follow(context());
  await turn();
  jest.advanceTimersByTime(10_000);
  watch.enter("live");
  expect(sentences).toEqual(["The server has not answered yet. Still waiting."]);
  for (const why of ["Cut.", "Refused.", "Refused."]) tellStore("reconnecting", why);
  tellStore("connected", "");
  watch.enter("resuming");
  watch.enter("live");
  watch.enter("gap");
  watch.enter("live");
  tellStore("reconnecting", "Refused.");
  watch.enter("live");
  tellStore("stale", "No word.");
  watch.enter("live");
  expect(sentences.slice(1)).toEqual([
    "Reconnecting: Cut.",
    "Reconnecting: Refused.",
    "Live again.",
    "Reconnecting: Refused.",
    "Live again.",
    // That there is no word from the server is said for every command.
    "Live again.",
  ]);
  watch.close();
  await done;
});

test("why the server cannot take it yet is said, unless it is the connection", async () => {
  storeState = "connected";
  const done = follow(context());
  await turn();
  watch.enter("connecting", "Too much at once. Next try in 1 s.");
  watch.enter("connecting", "Too much at once. Next try in 2 s.");
  await turn();
  watch.enter("live");
  watch.enter("gap", "The log does not reach back.");
  watch.enter("live");
  expect(sentences).toEqual([
    "Waiting: Too much at once. Next try in 1 s.",
    "Waiting: Too much at once. Next try in 2 s.",
    "Live again.",
  ]);
  watch.close();
  await done;
  storeState = "reconnecting";
  watch = new ScriptedWatch();
  const again = follow(context());
  await turn();
  watch.enter("resuming", "The connection is lost.");
  await turn();
  expect(sentences).toHaveLength(3);
  watch.close();
  await again;
});

test.each([
  ["not JSON", "{", false],
  ["positions of all rooms for one", '{"ann":{"epoch":"e","revision":1,"tag":1}}', false],
  ["one position for all rooms", '{"epoch":"e","revision":1,"tag":1}', true],
  ["a revision below zero", '{"epoch":"e","revision":-1,"tag":1}', false],
])("a position file with %s is refused", async (_, text, ofAllRooms) => {
  writeFileSync(file, text);
  await expect(readPosition(file, ofAllRooms)).rejects.toThrow(`${file} does not hold `);
});

test("the positions of rooms with odd names are read like others", async () => {
  const positions = Object.fromEntries(["ann", "constructor", "__proto__"].map((room, i) => [room, at(i)]));
  writeFileSync(file, JSON.stringify(positions));
  expect(Object.entries((await readPosition(file, true)) ?? {})).toEqual(Object.entries(positions));
});

test("its options go in any order, and with it alone", () => {
  const words = ["watch", "--save", "s", "--room", "*", "--from=f", "--key", "--odd"];
  expect(parseArguments([...AT, "upgrade", ...words], {})).toMatchObject({
    steps: [{ name: "upgrade" }, { name: "watch", save: "s", room: "*", resume: "f", key: "--odd", prefix: undefined }],
  });
});

test.each([
  [["watch", "get", "a"], /put it last/],
  [["watch", "--key", "a", "--prefix", "b"], /--key or --prefix, not both/],
  [["watch", "--save"], /--save needs FILE/],
  [["get", "a", "--save", "f"], /no option --save/],
  [["watch", "--key", ""], /key is empty/],
])("%j is refused", (words, sentence) => {
  expect(() => parseArguments([...AT, ...words], {})).toThrow(sentence);
});
