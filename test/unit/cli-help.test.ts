import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../client/cli/commands.ts";
import { helpText } from "../../client/cli/help.ts";
import { OPTIONS } from "../../client/cli/options.ts";
import { EXIT_MEANINGS, EXIT_OF_ERROR } from "../../client/terminal/exit-codes.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";

test("the help fits 80 columns and leaves nothing out", () => {
  const help = helpText();
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  for (const usage of Object.values(COMMANDS).flatMap((it) => Object.keys(it.usage)))
    expect(help).toContain(`  ${usage} `);
  for (const option of Object.keys(OPTIONS)) expect(help).toContain(`  ${option} `);
  for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) expect(help).toContain(`${code} ${meaning}`);
});

test("every error code ends the process with a failure that the help explains", () => {
  expect(Object.keys(EXIT_OF_ERROR).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  for (const exit of Object.values(EXIT_OF_ERROR)) {
    expect(exit).toBeGreaterThan(0);
    expect(EXIT_MEANINGS[exit]).toBeDefined();
  }
});
