import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { readLines } from "../../client/terminal/read-lines.ts";
import { wildText } from "../support/texts.ts";

async function linesOf(chunks: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  async function* stream() {
    yield* chunks;
  }
  for await (const { number, text } of readLines(stream())) {
    lines.push(text);
    expect(number).toBe(lines.length);
  }
  return lines;
}

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("lines end with a line feed and nothing else, however the bytes come (seed 1605)", async () => {
  const line = wildText().map((text) => text.replaceAll("\n", "\u2028"));
  await fc.assert(
    fc.asyncProperty(fc.array(line), line, fc.integer({ min: 1, max: 9 }), async (lines, last, size) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join("") + last);
      expect(await linesOf(cut(bytes, size))).toEqual(last === "" ? lines : [...lines, last]);
    }),
    { seed: 1605 },
  );
});

test("a line that is no text or has no end is refused with its number", async () => {
  await expect(linesOf([Buffer.from([10, 10, 0xff, 10])])).rejects.toThrow("Line 3 is not UTF-8 text.");
  function* endless() {
    yield Buffer.from("a\n");
    for (;;) yield Buffer.alloc(1024 * 1024, "a");
  }
  await expect(linesOf(endless())).rejects.toThrow("Line 2 is too long.");
});
