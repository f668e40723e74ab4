import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { canPrompt, promptSecret, secretAtHand } from "../../client/terminal/secrets.ts";
import { rememberingStreams } from "../support/cli-fake-store.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyroom-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("a secret is the file's first line, else the variable, else not at hand", async () => {
  const file = join(folder, "secret");
  const env = { KEYROOM_PASSWORD: "from the environment", EMPTY: "" };
  await writeFile(file, " from the file \r\nand more\n");
  expect(await secretAtHand({ file, variable: "KEYROOM_PASSWORD", env })).toBe(" from the file ");
  expect(await secretAtHand({ file: undefined, variable: "KEYROOM_PASSWORD", env })).toBe("from the environment");
  expect(await secretAtHand({ file: undefined, variable: "EMPTY", env })).toBeUndefined();
  expect(await secretAtHand({ file: undefined, variable: "MISSING", env })).toBeUndefined();
});

test("a file without a secret is said, and nothing else taken in its stead", async () => {
  const file = join(folder, "secret");
  const places = { file, variable: "KEYROOM_PASSWORD", env: { KEYROOM_PASSWORD: "other" } };
  await expect(secretAtHand(places)).rejects.toThrow(`Cannot read ${file}: no such file or folder.`);
  await writeFile(file, "\nsecond line");
  await expect(secretAtHand(places)).rejects.toThrow(`The first line of ${file} is empty.`);
});

test("a typed secret is never shown, and leaves stdout alone", async () => {
  const streams = rememberingStreams(true);
  const shown: string[] = [];
  const asked = new Promise<void>((resolve) => {
    streams.stderr.on("data", (text: string) => {
      shown.push(text);
      if (text.includes("Password of alice")) resolve();
    });
  });
  const answer = promptSecret("Password of alice", streams);
  await asked;
  streams.stdin.push("hunter2\r");
  expect(await answer).toBe("hunter2");
  expect(shown.join("")).toContain("*******");
  expect(shown.join("")).not.toContain("hunter2");
  expect(streams.out()).toBe("");
});

test("nobody is asked where no terminal is", () => {
  expect(canPrompt(rememberingStreams(true))).toBe(true);
  expect(canPrompt(rememberingStreams(false))).toBe(false);
});
