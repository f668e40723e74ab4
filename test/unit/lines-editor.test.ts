import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Key } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { edit, type Typed, typed } from "../../client/lines/editor.ts";
import { History } from "../../client/lines/history.ts";
import { Recall } from "../../client/lines/recall.ts";

/** The line with a bar where the cursor is. */
function at(barred: string): Typed {
  return { text: barred.replace("|", ""), cursor: barred.indexOf("|") };
}

function barred({ text, cursor }: Typed): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const FAMILY = "👨‍👩‍👧";

test.each<[key: Key, before: string, after: string]>([
  [{ sequence: "x", name: "x" }, "a|b", "ax|b"],
  [{ sequence: "漢" }, "a|", "a漢|"],
  [{ sequence: "\t", name: "tab" }, "a|b", "a\t|b"],
  [{ name: "backspace" }, "ab|c", "a|c"],
  [{ name: "backspace" }, "|c", "|c"],
  [{ name: "backspace" }, `a${FAMILY}|`, "a|"],
  [{ name: "delete" }, `|${FAMILY}a`, "|a"],
  [{ name: "d", ctrl: true }, "a|bc", "a|c"],
  [{ name: "left" }, `a${FAMILY}|b`, `a|${FAMILY}b`],
  [{ name: "left" }, "|a", "|a"],
  [{ name: "right" }, `|${FAMILY}b`, `${FAMILY}|b`],
  [{ name: "right" }, "a|", "a|"],
  [{ name: "home" }, "ab|", "|ab"],
  [{ name: "e", ctrl: true }, "|ab", "ab|"],
  [{ name: "b", meta: true }, "put  city | x", "put  |city  x"],
  [{ name: "right", ctrl: true }, "put| city x", "put city| x"],
  [{ name: "w", ctrl: true }, "put city  |x", "put |x"],
  [{ name: "u", ctrl: true }, "put| city", "| city"],
  [{ name: "k", ctrl: true }, "put| city", "put|"],
])("%j makes %j to %j", (key, before, after) => {
  const edited = edit(at(before), key);
  expect(edited && barred(edited)).toBe(after);
});

test.each<Key>([
  { name: "f1", sequence: "\x1bOP" },
  { name: "escape", sequence: "\x1b" },
  { ctrl: true, name: "g", sequence: "\x07" },
  { sequence: "\x1a" },
  { meta: true, name: "x", sequence: "\x1bx" },
])("%j edits nothing", (key) => {
  expect(edit(at("a|b"), key)).toBeUndefined();
});

test("the arrow keys go through earlier lines, those that begin as typed, and back to what was typed", () => {
  const recall = new Recall(() => ["put a 1", "get a", "put b 2", "get a"]);
  let line = typed("");
  const older = () => {
    line = recall.older(line);
    return line.text;
  };
  const newer = () => {
    line = recall.newer(line);
    return line.text;
  };
  expect([older(), older(), older(), older(), older()]).toEqual(["get a", "put b 2", "get a", "put a 1", "put a 1"]);
  expect([newer(), newer(), newer(), newer(), newer()]).toEqual(["get a", "put b 2", "get a", "", ""]);
  recall.reset();
  line = typed("pu");
  expect([older(), older(), older(), newer(), newer()]).toEqual(["put b 2", "put a 1", "put a 1", "put b 2", "pu"]);
  expect(line.cursor).toBe(2);
});

describe("the history", () => {
  let folder: string;
  let file: string;
  const said: string[] = [];
  const open = () => new History(file, (sentence) => said.push(sentence));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyroom-history-"));
    file = join(folder, "deep", "history");
    said.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is kept for the next time, for its owner alone, without blanks, repeats and long values", () => {
    const history = open();
    for (const line of ["a", "a", "  ", "", `put k ${"x".repeat(5_000)}`, "b", "a"]) history.add(line);
    expect(open().lines).toEqual(["a", "b", "a"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
    expect(said).toEqual([]);
  });

  test("holds the last 1,000 lines", () => {
    file = join(folder, "history");
    writeFileSync(file, Array.from({ length: 2_500 }, (_, i) => `line ${i}\n`).join(""));
    const history = open();
    expect(history.lines).toHaveLength(1_000);
    expect(history.lines[0]).toBe("line 1500");
    expect(readFileSync(file, "utf8")).toMatch(/^line 1500\n/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    history.add("one more");
    expect(history.lines).toHaveLength(1_000);
    expect(open().lines.at(-1)).toBe("one more");
  });

  test("says once where it cannot be kept, and goes on for this time", () => {
    writeFileSync(join(folder, "deep"), "a file in the way");
    const history = open();
    history.add("a");
    history.add("b");
    expect(history.lines).toEqual(["a", "b"]);
    expect(said).toEqual([expect.stringMatching(/^Cannot .* what you type.*: a part of the path is no folder\.$/)]);
  });
});
