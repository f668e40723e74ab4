import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { startCommand } from "../../client/cli/locked-command.ts";

let folder: string;
let said: string[];
let listeners: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyroom-locked-"));
  said = [];
  listeners = process.listenerCount("exit");
});

afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true });
  expect(process.listenerCount("exit")).toBe(listeners);
});

/** Runs it in the folder of the test, and waits until it has made the file `begun` there. */
async function start(script: string) {
  const command = startCommand(["sh", "-c", `cd "${folder}"; ${script}`], {}, (sentence) => said.push(sentence));
  while (!isThere("begun")) await setImmediate();
  return command;
}

function isThere(file: string): boolean {
  return existsSync(join(folder, file));
}

test("whoever does not end when he is asked to is killed, with all that he has started", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
  // Both ignore it: what is ignored is inherited.
  const command = await start("trap '' TERM; sleep 1000 & touch begun; wait; wait");
  command.stop();
  command.stop();
  jest.advanceTimersByTime(4_999);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(await command.ended).toBe("SIGKILL");
  expect(said).toEqual(["The command has not ended within 5 s: killing it."]);
  expect(jest.getTimerCount()).toBe(0);
});

test("one that ends when it is asked to is waited for, and so is what it has started", async () => {
  const last = "trap 'sleep 0.2; touch ended; exit' TERM; touch begun; while :; do sleep 0.01; done";
  const command = await start(`(${last}) & exec sleep 1000`);
  command.stop();
  expect(await command.ended).toBe("SIGTERM");
  expect(isThere("ended")).toBe(true);
  expect(said).toEqual([]);
});

test("nothing is stopped that has ended by itself", async () => {
  const command = await start("touch begun; exit 3");
  expect(await command.ended).toBe(3);
  command.stop();
  command.signal("SIGTERM");
  expect(said).toEqual([]);
});
