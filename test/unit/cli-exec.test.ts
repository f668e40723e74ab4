import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { environmentOf, runFor } from "../../client/cli/exec.ts";
import type { Entry, WatchEvent } from "../../client/sdk/index.ts";
import { LocalError } from "../../client/terminal/local-error.ts";

const position = { epoch: "e", revision: 7, tag: 7 };

let folder: string;
let said: string[];
let listeners: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyroom-exec-"));
  said = [];
  listeners = process.listenerCount("exit") + process.listenerCount("SIGTERM");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  expect(process.listenerCount("exit") + process.listenerCount("SIGTERM")).toBe(listeners);
});

function run(command: string, event: WatchEvent, strict = false): Promise<void> {
  return runFor(event, { command, strict, say: (sentence) => said.push(sentence) });
}

function put(key: string, value: string): Entry {
  return { key, value, revision: 7, version: 1, updatedAt: 0, updatedBy: "eve" };
}

function change(puts: readonly Entry[], deletes: readonly string[] = []): WatchEvent {
  return { kind: "change", reset: false, room: "bob", position, at: 0, by: "eve", puts, deletes };
}

test("the variables tell what applies, and nothing else", () => {
  const all = { KEYROOM_ROOM: "bob", KEYROOM_KIND: "change", KEYROOM_REVISION: "7", KEYROOM_BY: "eve" };
  expect(environmentOf(change([put("city", "Rome")]))).toEqual({ ...all, KEYROOM_KEY: "city" });
  expect(environmentOf(change([], ["city"]))).toEqual({ ...all, KEYROOM_KEY: "city" });
  for (const several of [change([put("a", "1")], ["b"]), change([put("a\0", "1")])]) {
    expect(environmentOf(several)).toEqual({ ...all, KEYROOM_KEY: undefined });
  }
  const none = { KEYROOM_KEY: undefined, KEYROOM_BY: undefined };
  const snapshot: WatchEvent = {
    kind: "snapshot",
    reset: true,
    room: "bob",
    position,
    puts: [put("a", "1")],
    deletes: [],
  };
  expect(environmentOf(snapshot)).toEqual({ ...all, KEYROOM_KIND: "snapshot", ...none });
  const end: WatchEvent = { kind: "end", room: "bob", reason: "Gone." };
  expect(environmentOf(end)).toEqual({ ...all, KEYROOM_KIND: "end", ...none, KEYROOM_REVISION: undefined });
});

test("the event is on its standard input, and what others wrote is never taken for a part of the command", async () => {
  const file = join(folder, "seen");
  const event = change([put(`$(touch ${folder}/hacked); "'`, "`touch hacked`\n\u001b[2J\u2028")]);
  await run(`{ cat; printf '%s' "$KEYROOM_KEY"; } > "${file}"`, event);
  const [line = "", ...key] = readFileSync(file, "utf8").split("\n");
  expect(JSON.parse(line)).toEqual(event);
  expect(key.join("\n")).toBe(`$(touch ${folder}/hacked); "'`);
  expect(() => readFileSync(join(folder, "hacked"))).toThrow("ENOENT");
  expect(said).toEqual([]);
});

test("a variable of an earlier event, or of a Keyroom around this one, is not taken for its own", async () => {
  process.env["KEYROOM_KEY"] = "of another";
  try {
    await run('test -z "$KEYROOM_KEY"', change([], ["a", "b"]), true);
  } finally {
    delete process.env["KEYROOM_KEY"];
  }
});

test("it need not read what it is told, however long that is", async () => {
  await run("true", change([put("a", "x".repeat(1_000_000))]), true);
});

test.each([
  ["exit 3", "The command ended with 3 on revision 7 in the room of bob."],
  ["kill -KILL $$", "The command was ended by SIGKILL on revision 7 in the room of bob."],
])("%s is said, and an error where that counts", async (command, sentence) => {
  await run(command, change([]));
  expect(said).toEqual([`${sentence} Going on.`]);
  await expect(run(command, change([]), true)).rejects.toThrow(new LocalError(sentence));
});

test("a command that takes its time is told of once", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
  try {
    const file = join(folder, "go on");
    const done = run(`until [ -e "${file}" ]; do sleep 0.01; done`, change([]), true);
    jest.advanceTimersByTime(9_999);
    expect(said).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(said).toEqual(["The command for revision 7 in the room of bob still runs. What comes meanwhile waits."]);
    writeFileSync(file, "");
    await done;
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test("a command that is too long for the system is said in a sentence", async () => {
  await expect(run(`: ${"x".repeat(3_000_000)}`, change([]))).rejects.toThrow(
    "Cannot run the command: it is too long.",
  );
});
