import { expect, test } from "@jest/globals";
import { parseLimit } from "../../server/adapters/open-files.ts";
import { fewOpenFiles } from "../../server/dialects/doors.ts";

test("the limit is the one that holds now, where there is one", () => {
  const head = "Limit                     Soft Limit           Hard Limit           Units     \n";
  expect(parseLimit(`${head}Max open files            1024                 4096                 files     \n`)).toBe(
    1024,
  );
  expect(parseLimit(`${head}Max open files            unlimited            unlimited            files     \n`)).toBe(
    undefined,
  );
  expect(parseLimit("")).toBe(undefined);
});

test("what all doors let in is counted together", () => {
  const all = ["tcp-text", "ws-text", "ws-json", "files"] as const;
  expect(fewOpenFiles(all, 13_824)).toBe(null);
  expect(fewOpenFiles(all, 13_823)).toContain("Raise the limit to 13824 before the start: `ulimit -n 13824`");
  expect(fewOpenFiles(["files"], 1_536)).toBe(null);
  expect(fewOpenFiles(["files"], 1_535)).not.toBe(null);
  expect(fewOpenFiles([], 64)).toBe(null);
});
