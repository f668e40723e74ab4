import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { Progress } from "../../client/terminal/progress.ts";

test("is shown after a second, in place, and leaves nothing behind", async () => {
  const output = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 40 });
  let now = 0;
  const progress = new Progress(output, () => now);
  const shown = () => String(output.read() ?? "");
  const tellAt = (ms: number, text: string): string => {
    now = ms;
    progress.tell(text);
    return shown();
  };
  expect(tellAt(999, "early")).toBe("");
  expect(tellAt(1000, "Imported 1,000 keys.")).toBe("\rImported 1,000 keys.");
  expect(tellAt(1099, "too soon")).toBe("");
  expect(tellAt(1100, "short")).toBe("\rshort               ");
  expect(tellAt(1200, "wide 漢".repeat(20)).length).toBeLessThanOrEqual(40);
  progress.end();
  expect(shown()).toMatch(/^\r {38,39}\r$/);
  progress.end();
  expect(shown()).toBe("");
});

test("is never written into a file or a pipe", () => {
  const output = new PassThrough({ encoding: "utf8" });
  let now = 0;
  const progress = new Progress(output, () => now);
  now = 5_000;
  progress.tell("Imported 1,000 keys.");
  progress.end();
  expect(output.read()).toBeNull();
});
