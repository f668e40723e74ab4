import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { writeFileWith } from "../../client/cli/output-file.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyroom-output-"));
  file = join(folder, "file");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("takes the old one's place when all is there, readable by its owner alone", async () => {
  writeFileSync(file, "old", { mode: 0o644 });
  const done = await writeFileWith(file, async (write) => {
    await write("new ");
    await write("text");
    expect(readFileSync(file, "utf8")).toBe("old");
    return 7;
  });
  expect(done).toBe(7);
  expect(readFileSync(file, "utf8")).toBe("new text");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("leaves the old one when the work fails, or the process ends in the middle of it", async () => {
  writeFileSync(file, "old");
  const failing = writeFileWith(file, async (write) => {
    await write("new");
    throw new Error("lost");
  });
  await expect(failing).rejects.toThrow("lost");
  let left: readonly string[] = [];
  const ending = writeFileWith(file, async (write) => {
    await write("new");
    process.listeners("exit").at(-1)?.call(process, 0);
    left = readdirSync(folder);
    throw new Error("ended");
  });
  await expect(ending).rejects.toThrow("ended");
  expect(left).toEqual(["file"]);
  expect(readFileSync(file, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("a link stays a link", async () => {
  symlinkSync("target", file);
  writeFileSync(join(folder, "target"), "old");
  await writeFileWith(file, (write) => write("new"));
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "target"), "utf8")).toBe("new");
});

(existsSync("/dev/null") ? test : test.skip)("what is no plain file is written to, and stays what it is", async () => {
  await writeFileWith("/dev/null", (write) => write("new"));
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});

test.each([
  ["a folder", "", "it is a folder"],
  ["a folder that is not there", "no/file", "no such file or folder"],
])("%s is refused in a sentence", async (_what, name, reason) => {
  const path = join(folder, name);
  await expect(writeFileWith(path, (write) => write("new"))).rejects.toThrow(`Cannot write ${path}: ${reason}.`);
});
