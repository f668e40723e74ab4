import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { printable } from "../../client/terminal/printable.ts";
import { shellWords } from "../../client/terminal/shell-words.ts";
import { freshSeed } from "../support/random.ts";

const seed = freshSeed();

/** What a shell makes of the words. */
function read(line: string): string[] {
  const read = execFileSync("bash", ["--norc", "-c", `printf '%s\\0' ${line}`], { env: { LC_ALL: "C.UTF-8" } });
  return read.toString().split("\0").slice(0, -1);
}

test("plain words stay as they are, others are quoted", () => {
  expect(shellWords(["keyroom", "--user", "ada", "get", "user:1"])).toBe("keyroom --user ada get user:1");
  expect(shellWords(["put", "", "it's 5 o'clock", "a\nb"])).toBe(`put '' 'it'\\''s 5 o'\\''clock' $'a\\x0ab'`);
  expect(shellWords(["$HOME", "`id`", "~", "*", "!1", "ж"])).toBe("'$HOME' '`id`' '~' '*' '!1' 'ж'");
});

test(`a shell reads what was meant, and a terminal shows it as it is (seed ${seed})`, () => {
  const text = fc.string({ unit: "binary", maxLength: 12 }).filter((word) => !word.includes("\0"));
  const nasty = fc.constantFrom("\x1b]0;x\x07", "\u202eabc", "'\\x41", "$'", "a\\", "\u{e0041}b", "‍💡️", "\n");
  const words = fc.array(
    fc.array(fc.oneof(text, nasty), { maxLength: 3 }).map((parts) => parts.join("")),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(words, (wanted) => {
      const line = shellWords(wanted);
      expect(read(line)).toEqual(wanted);
      expect(printable(line)).toBe(line);
    }),
    { seed, numRuns: 50 },
  );
});
