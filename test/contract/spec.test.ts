import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const spec = readFileSync(new URL("../../protocol/SPEC.md", import.meta.url), "utf8");

interface Rule {
  readonly number: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const rules: readonly Rule[] = [...spec.matchAll(/^- \*\*(\d+\.\d+)\*\*(.*?)(?=\n- \*\*|\n\n|\s*$(?!.))/gms)].map(
  ([, number = "", text = ""]) => ({
    number,
    tests: [...text.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)].map(([, file = "", title = ""]) => ({ file, title })),
  }),
);

test("the rules are numbered in order, without a hole", () => {
  const sections = new Map<number, number>();
  for (const { number } of rules) {
    const [section = 0, rule = 0] = number.split(".").map(Number);
    expect([number, rule]).toEqual([number, (sections.get(section) ?? 0) + 1]);
    sections.set(section, rule);
  }
  expect(rules.length).toBeGreaterThan(30);
});

test.each(rules)("rule $number names tests that exist", ({ tests }) => {
  expect(tests).not.toEqual([]);
  for (const { file, title } of tests) {
    const path = new URL(`../../${file}`, import.meta.url);
    expect([file, existsSync(path)]).toEqual([file, true]);
    expect(readFileSync(path, "utf8")).toContain(title);
  }
});
