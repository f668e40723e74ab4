import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { manPage } from "../../docs/man-page.ts";

test("docs/keyroom.1 is what `npm run docs` writes today", () => {
  expect(readFileSync("docs/keyroom.1", "utf8")).toBe(manPage());
});

const isThere = spawnSync("groff", ["--version"]).status === 0;
const title = "groff finds no fault with it, and shows what others might take for a request";
(isThere ? test : test.skip)(isThere ? title : `${title} (groff is not installed)`, () => {
  const { stdout, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-P-cbou"], {
    input: manPage(),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const shown = stdout.replace(/\s+/g, " ");
  expect(shown).toContain("keyroom HOST PORT export all.jsonl --room '*'");
  expect(shown).toContain(`write "$KEYROOM_KEY" with the quotes`);
});
