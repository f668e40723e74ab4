import { expect, test } from "@jest/globals";
import { baseName, randomName } from "../../server/dialects/files-name.ts";

test.each([
  ["a.txt", "a.txt"],
  ["añ日🔑", "añ日🔑"],
  ["../x", "x"],
  ["../../etc/passwd", "passwd"],
  ["a/b", "b"],
  ["/etc/passwd", "passwd"],
  ["..\\..\\x", "x"],
  ["C:\\Users\\me\\a.txt", "a.txt"],
  ["a/..\\b", "b"],
  ["...", "..."],
  [".hidden", ".hidden"],
  ["a part", "a part"],
  ["part", "part"],
  ["__proto__", "__proto__"],
  ["x".repeat(255), "x".repeat(255)],
  ["é".repeat(127), "é".repeat(127)],
])("of %j the name is %j", (name, base) => {
  expect(baseName(name)).toBe(base);
});

test.each([
  "",
  ".",
  "..",
  "a/",
  "a/..",
  "..\\",
  "a/.",
  "x\0.txt",
  "x\n",
  "\u001b[2J",
  "x\u009b1m",
  "x.part",
  "x.PART",
  "d/.part",
  "x".repeat(256),
  "é".repeat(128),
])("%j is no file's name", (name) => {
  expect(baseName(name)).toBeNull();
});

test("a name that is made up is of eight letters or digits, and another each time", () => {
  const names = Array.from({ length: 1_000 }, randomName);
  expect(names.filter((name) => !/^[a-z0-9]{8}$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});
